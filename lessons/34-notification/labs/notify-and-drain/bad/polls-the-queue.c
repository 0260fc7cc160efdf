/* loses: it-waits-for-a-notification no-schedule-loses-a-message another-receiver-does-not-block-it EBUSY-ends-it-with-code-3 SIGTERM-at-any-call-ends-it
 * It polls the descriptor of the queue, and never registers. */
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
	sigprocmask(SIG_BLOCK, &signals, NULL);
	mqd_t mq = mq_open(argv[1], O_RDONLY | O_NONBLOCK);
	struct mq_attr attr;
	if (mq == (mqd_t)-1 || mq_getattr(mq, &attr) == -1)
		return 1;
	char *message = malloc(attr.mq_msgsize);
	struct pollfd fds[] = {{.fd = mq, .events = POLLIN}, {.fd = signalfd(-1, &signals, 0), .events = POLLIN}};
	while (poll(fds, 2, -1) != -1 && fds[1].revents == 0) {
		ssize_t length;
		while ((length = mq_receive(mq, message, attr.mq_msgsize, NULL)) > 0)
			dprintf(STDOUT_FILENO, "%.*s\n", (int)length, message);
		if (length == 0)
			return 0;
	}
	return 0;
}
