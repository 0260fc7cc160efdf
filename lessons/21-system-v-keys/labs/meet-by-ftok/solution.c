/* Two roles that meet at a queue whose key is made from a file: PROGRAM server|client FILE ID [TEXT] */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

enum { QUESTION = 1, ANSWER = 2, LONGEST = 1000 };

struct message {
	long mtype;
	char mtext[LONGEST];
};

static int failed(const char *call) {
	perror(call);
	return 1;
}

static int serve(int queue) {
	struct message message;
	ssize_t length = msgrcv(queue, &message, LONGEST, QUESTION, 0);
	if (length == -1)
		return failed("msgrcv");
	message.mtype = ANSWER;
	for (ssize_t i = 0; i < length; i++)
		message.mtext[i] = toupper((unsigned char)message.mtext[i]);
	return msgsnd(queue, &message, length, 0) == 0 ? 0 : failed("msgsnd");
}

static int ask(int queue, const char *text) {
	struct message message = {.mtype = QUESTION};
	size_t length = strnlen(text, LONGEST);
	memcpy(message.mtext, text, length);
	if (msgsnd(queue, &message, length, 0) == -1)
		return failed("msgsnd");
	if (msgrcv(queue, &message, LONGEST, ANSWER, 0) == -1)
		return failed("msgrcv");
	/* The server was done when it had sent this, so nobody needs the queue any more. */
	return msgctl(queue, IPC_RMID, NULL) == 0 ? 0 : failed("msgctl");
}

int main(int argc, char **argv) {
	int server = argc == 4 && strcmp(argv[1], "server") == 0;
	int client = argc == 5 && strcmp(argv[1], "client") == 0;
	if (!server && !client) {
		fprintf(stderr, "use: %s server FILE ID\n     %s client FILE ID TEXT\n", argv[0], argv[0]);
		return 2;
	}
	key_t key = ftok(argv[2], atoi(argv[3]));
	if (key == -1) {
		perror(argv[2]);
		return 3;
	}
	/* Whoever comes first creates it. Without IPC_EXCL nobody needs to know who that was. */
	int queue = msgget(key, IPC_CREAT | 0600);
	if (queue == -1) {
		int code = errno == EACCES ? 4 : 1; /* before perror, which may change errno */
		perror("msgget");
		return code;
	}
	return server ? serve(queue) : ask(queue, argv[4]);
}
