/* A signalfd, and poll without a time limit. The notification is a real-time signal. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	int come = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	mqd_t mq = mq_open(argv[1], O_RDONLY | O_NONBLOCK);
	struct mq_attr attr;
	if (come == -1 || mq == (mqd_t)-1 || mq_getattr(mq, &attr) == -1)
		return 1;
	char *message = malloc(attr.mq_msgsize);
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	int registered = 0;
	for (;;) {
		if (!registered && mq_notify(mq, &event) == -1)
			return errno == EBUSY ? 3 : 1;
		registered = 1;
		ssize_t length;
		while ((length = mq_receive(mq, message, attr.mq_msgsize, NULL)) > 0)
			dprintf(STDOUT_FILENO, "%.*s\n", (int)length, message);
		if (length == 0)
			break;
		if (errno != EAGAIN)
			return 1;
		struct pollfd fd = {.fd = come, .events = POLLIN};
		poll(&fd, 1, -1);
		struct signalfd_siginfo info;
		while (read(come, &info, sizeof info) == sizeof info) {
			if (info.ssi_signo == SIGTERM)
				return 0;
			registered = 0;
		}
	}
	mq_notify(mq, NULL);
	return 0;
}
