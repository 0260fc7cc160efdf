/* IPC_CREAT | IPC_EXCL first, and a look for the queue if somebody else was faster, as often as it takes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

struct message {
	long type;
	char text[1001];
};

static int meet(key_t key) {
	for (;;) {
		int queue = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
		if (queue != -1 || errno != EEXIST)
			return queue;
		queue = msgget(key, 0600);
		if (queue != -1 || errno != ENOENT)
			return queue;
	}
}

int main(int argc, char *argv[]) {
	if (argc < 4)
		return 2;
	const int serves = strcmp(argv[1], "server") == 0, asks = strcmp(argv[1], "client") == 0;
	if ((serves && argc != 4) || (asks && argc != 5) || (!serves && !asks))
		return 2;
	key_t key = ftok(argv[2], atoi(argv[3]));
	if (key == (key_t)-1) {
		fprintf(stderr, "%s: %s\n", argv[2], strerror(errno));
		return 3;
	}
	int queue = meet(key);
	if (queue == -1)
		return errno == EACCES ? 4 : 1;
	struct message message;
	if (serves) {
		ssize_t got = msgrcv(queue, &message, 1000, 1, 0);
		if (got == -1)
			return 1;
		for (char *c = message.text; c < message.text + got; c++)
			if (*c >= 'a' && *c <= 'z')
				*c -= 'a' - 'A';
		message.type = 2;
		return msgsnd(queue, &message, got, 0) == -1;
	}
	message.type = 1;
	strncpy(message.text, argv[4], 1000);
	if (msgsnd(queue, &message, strnlen(argv[4], 1000), 0) == -1)
		return 1;
	/* Longer than its size it cannot be; cut it if somebody plays tricks. */
	if (msgrcv(queue, &message, 1000, 2, MSG_NOERROR) == -1)
		return 1;
	return msgctl(queue, IPC_RMID, NULL) == -1;
}
