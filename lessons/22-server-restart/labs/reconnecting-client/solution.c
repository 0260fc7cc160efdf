/* A client that reconnects: PROGRAM KEY N */
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

/* Waits for a queue under the key, but not for ever. */
static void find(void) {
	for (int looks = 0; looks < 100; looks++) {
		msqid = msgget(key, 0);
		if (msqid != -1)
			return;
		if (errno != ENOENT)
			break;
		usleep(20000);
	}
	perror("msgget");
	exit(3);
}

/* A call has failed. If the queue is another one now, that was the reason; else the mistake is ours. */
static void reconnect(const char *call) {
	int old = msqid, why = errno;
	if (why == EINVAL || why == EIDRM)
		find();
	if (msqid == old) {
		errno = why;
		perror(call);
		exit(1);
	}
}

/* Whether the request was answered; if not, the queue went with it. */
static int ask(int number) {
	struct message request = {.mtype = 1};
	int length = snprintf(request.text, sizeof request.text, "%d %d", getpid(), number);
	while (msgsnd(msqid, &request, length, 0) == -1)
		if (errno != EINTR) {
			reconnect("msgsnd");
			return 0;
		}
	for (;;) {
		struct message answer;
		ssize_t got = msgrcv(msqid, &answer, sizeof answer.text - 1, getpid(), MSG_NOERROR);
		if (got >= 0) {
			answer.text[got] = '\0';
			if (atoi(answer.text) == number)
				return 1; /* an older one is of no interest */
		} else if (errno != EINTR) {
			reconnect("msgrcv");
			return 0;
		}
	}
}

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s KEY N\n", argv[0]);
		return 2;
	}
	key = strtol(argv[1], NULL, 16);
	find();
	for (int number = 1; number <= atoi(argv[2]); number++)
		while (!ask(number))
			;
	return 0;
}
