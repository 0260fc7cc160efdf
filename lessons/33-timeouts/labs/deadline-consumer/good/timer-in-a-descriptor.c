/* A timerfd on CLOCK_MONOTONIC, set once, and poll without a time of its own. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>

int main(int argc, char **argv) {
	char *rest = "";
	long limit = argc == 3 ? strtol(argv[2], &rest, 10) : 0;
	if (limit < 1 || *rest != '\0')
		return 2;
	struct itimerspec once = {.it_value = {.tv_sec = limit / 1000, .tv_nsec = limit % 1000 * 1000000}};
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(timer, 0, &once, NULL);
	mqd_t mq = mq_open(argv[1], O_RDONLY);
	if (mq == (mqd_t)-1)
		return errno == ENOENT ? 3 : 1;
	struct mq_attr attr;
	mq_getattr(mq, &attr);
	char message[attr.mq_msgsize + 1];
	const struct timespec at_once = {0}; /* a date that has passed */
	for (;;) {
		struct pollfd fds[] = {{.fd = mq, .events = POLLIN}, {.fd = timer, .events = POLLIN}};
		if (poll(fds, 2, -1) == -1)
			continue;
		if (fds[1].revents != 0)
			return 4; /* the timer first: the queue may always have messages */
		ssize_t length = mq_timedreceive(mq, message, attr.mq_msgsize, NULL, &at_once);
		if (length == -1 && errno == ETIMEDOUT)
			continue;
		if (length == -1)
			return 1;
		if (length == 3 && memcmp(message, "end", 3) == 0)
			return 0;
		message[length] = '\n';
		fwrite(message, 1, length + 1, stdout);
		fflush(stdout);
	}
}
