/* Takes the old queue over, with its requests, after emptying it of answers that nobody fetches; locks itself against a second server. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <unistd.h>

struct message {
	long mtype;
	char mtext[8192];
};

static volatile sig_atomic_t queue = -1;

static void finish(int signal) {
	(void)signal;
	msgctl(queue, IPC_RMID, NULL);
	_exit(0);
}

int main(int argc, char **argv) {
	static struct message message;
	if (argc != 2)
		return 2;
	sigset_t term;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = finish}, NULL);
	/* The lock ends with the process, so a killed server keeps nobody out. */
	int lock = open("/tmp/restarting-server.lock", O_CREAT | O_RDWR, 0600);
	if (lock == -1 || fcntl(lock, F_SETLK, &(struct flock){.l_type = F_WRLCK}) == -1) {
		fprintf(stderr, "another one serves\n");
		return 1;
	}
	queue = msgget(strtoul(argv[1], NULL, 16), IPC_CREAT | 0600);
	if (queue == -1)
		return 1;
	while (msgrcv(queue, &message, sizeof message.mtext, -1, IPC_NOWAIT | MSG_NOERROR) != -1)
		;
	while (msgrcv(queue, &message, sizeof message.mtext, 1, IPC_NOWAIT | MSG_NOERROR | MSG_EXCEPT) != -1)
		;
	sigprocmask(SIG_UNBLOCK, &term, NULL);
	for (;;) {
		ssize_t length = msgrcv(queue, &message, 64, 1, MSG_NOERROR);
		if (length == -1) {
			if (errno == EINTR)
				continue;
			return 1;
		}
		message.mtext[length] = '\0';
		char *words;
		errno = 0;
		long client = strtol(message.mtext, &words, 10);
		if (client > 1 && errno == 0 && *words == ' ') {
			size_t n = message.mtext + length - words - 1;
			memmove(message.mtext, words + 1, n);
			for (size_t i = 0; i < n; i++)
				message.mtext[i] = toupper((unsigned char)message.mtext[i]);
			message.mtype = client;
			while (msgsnd(queue, &message, n, 0) == -1 && errno == EINTR)
				;
		}
	}
}
