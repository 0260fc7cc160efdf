/* SIGTERM is blocked while the queue is being made, and let in afterwards; its handler removes the queue and ends the process. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <unistd.h>

static int queue;

static void finish(int signal) {
	(void)signal;
	msgctl(queue, IPC_RMID, NULL);
	_exit(0);
}

static void serve_one(void) {
	struct {
		long mtype;
		char mtext[256];
	} in, out;
	ssize_t got = msgrcv(queue, &in, 64, 1, MSG_NOERROR);
	if (got == -1) {
		if (errno == EINTR)
			return;
		perror("msgrcv");
		exit(1);
	}
	size_t at = 0;
	unsigned long number = 0;
	while (at < (size_t)got && in.mtext[at] >= '0' && in.mtext[at] <= '9') {
		if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, in.mtext[at] - '0', &number))
			return;
		at++;
	}
	if (at == 0 || at == (size_t)got || in.mtext[at] != ' ' || number < 2 || number > 0x7fffffffffffffff) {
		fprintf(stderr, "no request of %zd bytes\n", got);
		return;
	}
	at++;
	out.mtype = (long)number;
	size_t length = 0;
	for (; at < (size_t)got; at++) {
		char c = in.mtext[at];
		out.mtext[length++] = c >= 'a' && c <= 'z' ? c - 32 : c;
	}
	while (msgsnd(queue, &out, length, 0) == -1)
		if (errno != EINTR) {
			perror("msgsnd");
			exit(1);
		}
}

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	sigset_t term, before;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &before);
	signal(SIGTERM, finish);
	key_t key = strtol(argv[1], NULL, 16);
	while ((queue = msgget(key, IPC_CREAT | IPC_EXCL | 0600)) == -1) {
		int old;
		if (errno != EEXIST)
			return 1;
		if ((old = msgget(key, 0)) != -1)
			msgctl(old, IPC_RMID, NULL);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	for (;;)
		serve_one();
}
