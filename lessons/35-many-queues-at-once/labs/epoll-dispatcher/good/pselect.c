/* pselect, which unblocks SIGTERM only while it waits; a handler sets a flag; the inputs take turns. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>

static volatile sig_atomic_t ended;
static sigset_t before;

static void end(int signal) {
	(void)signal;
	ended = 1;
}

static mqd_t must_open(const char *name, int oflag) {
	mqd_t mq = mq_open(name, oflag | O_NONBLOCK);
	if (mq == -1) {
		perror(name);
		exit(1);
	}
	return mq;
}

/* Waits for the descriptors. At SIGTERM, ends the program, which holds no message here. */
static void wait_for(fd_set *readable, fd_set *writable) {
	int number = pselect(FD_SETSIZE, readable, writable, NULL, NULL, &before);
	if (ended)
		exit(0);
	if (number == -1) { /* another signal: nothing is known about the descriptors */
		if (readable)
			FD_ZERO(readable);
		if (writable)
			FD_ZERO(writable);
	}
}

int main(int argc, char **argv) {
	if (argc < 3)
		return 2;
	sigset_t term;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &before);
	sigdelset(&before, SIGTERM);
	struct sigaction action = {.sa_handler = end};
	sigaction(SIGTERM, &action, NULL);
	mqd_t out = must_open(argv[1], O_WRONLY), in[argc];
	for (int i = 2; i < argc; i++)
		in[i] = must_open(argv[i], O_RDONLY);
	for (;;) {
		fd_set readable, writable;
		FD_ZERO(&readable);
		for (int i = 2; i < argc; i++)
			FD_SET(in[i], &readable);
		wait_for(&readable, NULL);
		for (int i = 2; i < argc; i++) {
			char text[64];
			unsigned int priority;
			if (!FD_ISSET(in[i], &readable))
				continue;
			do {
				FD_ZERO(&writable);
				FD_SET(out, &writable);
				wait_for(NULL, &writable);
			} while (!FD_ISSET(out, &writable));
			ssize_t length = mq_receive(in[i], text, sizeof text, &priority);
			if (length != -1)
				mq_send(out, text, length, priority);
		}
	}
}
