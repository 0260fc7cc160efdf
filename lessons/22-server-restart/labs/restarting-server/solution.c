/* A server that comes back: PROGRAM KEY */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>

struct message {
	long mtype;
	char text[65];
};

static volatile sig_atomic_t over, msqid = -1;

/* A flag would not do: the signal may come after the look at it, and before msgrcv waits. The
 * queue goes here (msgctl is a system call and no more), so no msgrcv waits for it any longer. */
static void end(int signal) {
	(void)signal;
	over = 1;
	msgctl(msqid, IPC_RMID, NULL); /* by its identifier: never that of a successor */
}

/* A queue of its own: whatever is in the old one goes with it. Somebody else who starts
 * may come between any two of these calls, so each surprise means: look again. */
static int take_over(key_t key) {
	for (;;) {
		int created = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
		if (created != -1 || errno != EEXIST)
			return created;
		int old = msgget(key, 0);
		if (old != -1 && msgctl(old, IPC_RMID, NULL) == -1 && errno == EPERM)
			return -1; /* another user's */
	}
}

static void answer(struct message *message, size_t length) {
	char *words;
	message->text[length] = '\0';
	message->mtype = strtol(message->text, &words, 10);
	if (message->mtype <= 1 || *words++ != ' ')
		return; /* no request */
	for (char *c = words; *c != '\0'; c++)
		*c = toupper((unsigned char)*c);
	size_t rest = message->text + length - words;
	for (size_t i = 0; i < rest; i++)
		message->text[i] = words[i];
	while (msgsnd(msqid, message, rest, 0) == -1 && errno == EINTR && !over)
		;
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "use: %s KEY\n", argv[0]);
		return 2;
	}
	struct sigaction action = {.sa_handler = end};
	sigaction(SIGTERM, &action, NULL); /* before there is anything to remove */
	msqid = take_over(strtol(argv[1], NULL, 16));
	if (msqid == -1) {
		perror("msgget");
		return 1;
	}
	while (!over) {
		struct message message;
		ssize_t length = msgrcv(msqid, &message, sizeof message.text - 1, 1, MSG_NOERROR);
		if (length >= 0)
			answer(&message, length);
		else if (errno != EINTR && !over)
			return 1; /* somebody else has taken over */
	}
	msgctl(msqid, IPC_RMID, NULL); /* for a signal that came before msqid was known */
	return 0;
}
