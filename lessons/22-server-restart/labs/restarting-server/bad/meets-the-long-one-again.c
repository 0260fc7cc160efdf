/* loses: a-bad-request-does-no-harm
 * Has no MSG_NOERROR: a text that is too long stays, and is the first again and again. */
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

static int take_over(key_t key) {
	for (;;) {
		int msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
		if (msqid != -1 || errno != EEXIST)
			return msqid;
		msgctl(msgget(key, 0), IPC_RMID, NULL);
	}
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
	int msqid = queue = take_over(strtol(argv[1], NULL, 16));
	while (!over) {
		struct message message;
		ssize_t length = msgrcv(msqid, &message, 64, 1, 0);
		if (length >= 0)
			answer(msqid, &message, length);
		else if (errno != EINTR && errno != E2BIG)
			return !over;
	}
	msgctl(msqid, IPC_RMID, NULL);
	return 0;
}
