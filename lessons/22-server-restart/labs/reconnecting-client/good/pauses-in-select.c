/* Pauses in select, without descriptors, after each look for the queue: so Python slept before 3.11. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <unistd.h>

struct message {
	long type;
	char text[64];
};

static key_t key;
static int queue = -1;

/* Looks for the queue; -1 if there is none for a long time. */
static int find_queue(void) {
	for (int look = 0; look < 100; look++) {
		queue = msgget(key, 0);
		if (queue != -1)
			return 0;
		struct timeval pause = {.tv_usec = 10000};
		select(0, NULL, NULL, NULL, &pause);
	}
	return -1;
}

/* EIDRM and EINVAL mean that the queue is gone. But EINVAL for a queue that still exists is our mistake. */
static int is_mistake(int error) {
	if (error == EIDRM)
		return 0;
	return error != EINVAL || msgget(key, 0) == queue;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	key = strtoul(argv[1], NULL, 16);
	int requests = atoi(argv[2]);
	long me = getpid() > 1 ? getpid() : 4711; /* 1 is the type of requests */
	if (find_queue() == -1)
		return 3;
	for (int number = 1; number <= requests; number++) {
		struct message request = {.type = 1}, answer;
		int length = sprintf(request.text, "%ld %d", me, number);
		char wanted[16];
		ssize_t wanted_length = sprintf(wanted, "%d", number);
	again:
		while (msgsnd(queue, &request, length, 0) == -1) {
			if (errno == EINTR)
				continue;
			if (is_mistake(errno))
				return 1;
			if (find_queue() == -1)
				return 3;
		}
		for (;;) {
			ssize_t got = msgrcv(queue, &answer, sizeof answer.text, me, 0);
			if (got == wanted_length && memcmp(answer.text, wanted, got) == 0)
				break;
			if (got != -1 || errno == EINTR)
				continue;
			if (is_mistake(errno))
				return 1;
			if (find_queue() == -1)
				return 3;
			goto again;
		}
	}
	return 0;
}
