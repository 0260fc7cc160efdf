/* loses: removed-while-it-waits-it-asks-again a-lost-answer-is-asked-for-with-the-same-number while-there-is-no-queue-it-pauses answered-whenever-the-server-restarts
 * Reconnects after EINVAL, and ends when it was waiting in a call. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <unistd.h>

struct message {
	long mtype;
	char text[64];
};

static key_t key;
static int msqid = -1;

static void find(void) {
	for (int looks = 0; looks < 100; looks++) {
		msqid = msgget(key, 0);
		if (msqid != -1)
			return;
		usleep(20000);
	}
	exit(3);
}

static void reconnect(void) {
	int old = msqid;
	if (errno == EINVAL)
		find();
	if (msqid == old)
		exit(1);
}

static int ask(int number) {
	struct message request = {.mtype = 1}, answer;
	int length = snprintf(request.text, sizeof request.text, "%d %d", getpid(), number);
	while (msgsnd(msqid, &request, length, 0) == -1)
		if (errno != EINTR) {
			reconnect();
			return 0;
		}
	for (;;) {
		ssize_t got = msgrcv(msqid, &answer, 63, getpid(), MSG_NOERROR);
		if (got >= 0) {
			answer.text[got] = '\0';
			if (atoi(answer.text) == number)
				return 1;
		} else if (errno != EINTR) {
			reconnect();
			return 0;
		}
	}
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	key = strtol(argv[1], NULL, 16);
	find();
	for (int number = 1; number <= atoi(argv[2]); number++)
		while (!ask(number))
			;
	return 0;
}
