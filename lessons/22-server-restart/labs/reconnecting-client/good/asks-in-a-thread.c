/* A thread makes the requests, one after the other; the first thread joins it. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <unistd.h>

struct message {
	long mtype;
	char mtext[40];
};

static key_t key;
static int n, code;

static int find(void) {
	for (int looks = 0; looks < 100; looks++) {
		int queue = msgget(key, 0);
		if (queue != -1)
			return queue;
		usleep(15000);
	}
	return -1;
}

static int exchange(int queue, int number) {
	struct message message = {1};
	int size = snprintf(message.mtext, sizeof message.mtext, "%d %d", 4711, number);
	while (msgsnd(queue, &message, size, 0) == -1)
		if (errno != EINTR)
			return -1;
	do {
		ssize_t got;
		while ((got = msgrcv(queue, &message, sizeof message.mtext - 1, 4711, MSG_NOERROR)) == -1)
			if (errno != EINTR)
				return -1;
		message.mtext[got] = '\0';
	} while (strtol(message.mtext, NULL, 10) != number);
	return 0;
}

static void *run(void *unused) {
	int queue = find();
	for (int number = 1; queue != -1 && number <= n; number++)
		while (exchange(queue, number) == -1) {
			int old = queue;
			if ((queue = find()) == -1)
				break;
			if (queue == old) {
				code = 1;
				return unused;
			}
		}
	code = queue == -1 ? 3 : 0;
	return unused;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	key = strtoul(argv[1], NULL, 16);
	n = atoi(argv[2]);
	pthread_t thread;
	pthread_create(&thread, NULL, run, NULL);
	pthread_join(thread, NULL);
	return code;
}
