/* ppoll on all queues at once; while the output is full, the inputs are left out. SIGTERM ends the program in ppoll. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void end(int signal) {
	(void)signal;
	_exit(0); /* the signal is only unblocked in ppoll, where the program holds no message */
}

int main(int argc, char **argv) {
	if (argc < 3)
		return 2;
	sigset_t term, before;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &before);
	sigdelset(&before, SIGTERM);
	struct sigaction action = {.sa_handler = end};
	sigaction(SIGTERM, &action, NULL);
	struct pollfd fds[argc];
	for (int i = 1; i < argc; i++) {
		fds[i].fd = mq_open(argv[i], (i == 1 ? O_WRONLY : O_RDONLY) | O_NONBLOCK);
		if (fds[i].fd == -1) {
			perror(argv[i]);
			return 1;
		}
		fds[i].events = i == 1 ? POLLOUT : POLLIN;
	}
	for (int next = 2;;) {
		/* Wait for room alone. When there is some, wait for the inputs alone. */
		if (ppoll(&fds[1], 1, NULL, &before) != 1 || ppoll(&fds[2], argc - 2, NULL, &before) < 1)
			continue;
		while (fds[next].revents == 0)
			next = next + 1 < argc ? next + 1 : 2;
		char text[64];
		unsigned int priority;
		ssize_t length = mq_receive(fds[next].fd, text, sizeof text, &priority);
		if (length != -1)
			mq_send(fds[1].fd, text, length, priority);
		next = next + 1 < argc ? next + 1 : 2;
	}
}
