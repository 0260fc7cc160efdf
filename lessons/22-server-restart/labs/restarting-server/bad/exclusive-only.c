/* loses: killed-at-any-call-the-next-one-serves a-full-queue-of-before-is-no-obstacle started-twice-at-once-one-serves
 * Creates with IPC_EXCL, and gives up where a predecessor has left its queue. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <unistd.h>

struct message {
	long mtype;
	char text[65];
};

static volatile sig_atomic_t over, queue = -1;

static void end(int signal) {
	(void)signal;
	over = 1;
	msgctl(queue, IPC_RMID, NULL);
}

static void answer(int msqid, struct message *message, size_t length) {
	char *words;
	message->text[length] = '\0';
	message->mtype = strtol(message->text, &words, 10);
	if (message->mtype <= 1 || *words != ' ')
		return;
	memmove(message->text, words + 1, strlen(words));
	for (char *c = message->text; *c != '\0'; c++)
		*c = toupper((unsigned char)*c);
	while (msgsnd(msqid, message, strlen(message->text), 0) == -1 && errno == EINTR)
		;
}

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	struct sigaction action = {.sa_handler = end};
	sigaction(SIGTERM, &action, NULL);
	int msqid = queue = msgget(strtol(argv[1], NULL, 16), IPC_CREAT | IPC_EXCL | 0600);
	if (msqid == -1)
		return 1;
	while (!over) {
		struct message message;
		ssize_t length = msgrcv(msqid, &message, 64, 1, MSG_NOERROR);
		if (length >= 0)
			answer(msqid, &message, length);
		else if (errno != EINTR)
			return !over;
	}
	msgctl(msqid, IPC_RMID, NULL);
	return 0;
}
