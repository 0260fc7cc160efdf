/* The parent makes and removes the queue and takes SIGTERM with sigwaitinfo; a child serves, and goes with the queue. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct message {
	long mtype;
	char mtext[65];
};

static int serve(int queue) {
	struct message message;
	for (;;) {
		ssize_t length = msgrcv(queue, &message, 64, 1, MSG_NOERROR);
		if (length == -1 && errno == EINTR)
			continue;
		if (length == -1)
			return 1;
		message.mtext[length] = '\0';
		int at = 0;
		long to = 0;
		if (sscanf(message.mtext, "%ld%n", &to, &at) != 1 || to < 2 || message.mtext[at] != ' ')
			continue;
		at++;
		message.mtype = to;
		memmove(message.mtext, message.mtext + at, length - at);
		for (int i = 0; i < length - at; i++)
			message.mtext[i] = toupper((unsigned char)message.mtext[i]);
		while (msgsnd(queue, &message, length - at, 0) == -1 && errno == EINTR)
			;
	}
}

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	key_t key = strtoul(argv[1], NULL, 16);
	int queue;
	while ((queue = msgget(key, IPC_CREAT | IPC_EXCL | 0600)) == -1 && errno == EEXIST) {
		int old = msgget(key, 0);
		if (old >= 0 && msgctl(old, IPC_RMID, NULL) == -1 && errno == EPERM)
			return 1;
	}
	if (queue == -1)
		return 1;
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return serve(queue);
	}
	int signal = sigwaitinfo(&signals, NULL);
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
		;
	msgctl(queue, IPC_RMID, NULL);
	return signal == SIGTERM ? 0 : 1;
}
