/* poll, whose duration is computed from CLOCK_MONOTONIC before each call, and a call that does not wait. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long long milliseconds_now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

int main(int argc, char **argv) {
	long long begin = milliseconds_now();
	char *rest = "";
	long limit = argc == 3 ? strtol(argv[2], &rest, 10) : 0;
	if (limit < 1 || *rest != '\0')
		return 2;
	mqd_t mq = mq_open(argv[1], O_RDONLY | O_NONBLOCK);
	if (mq == (mqd_t)-1)
		return errno == ENOENT ? 3 : 1;
	struct mq_attr attr;
	mq_getattr(mq, &attr);
	char message[attr.mq_msgsize + 1];
	for (;;) {
		/* A clock that is rounded down may be a millisecond behind. */
		long long left = begin + limit + 1 - milliseconds_now();
		if (left <= 0)
			return 4;
		struct pollfd fd = {.fd = mq, .events = POLLIN};
		if (poll(&fd, 1, left) <= 0)
			continue; /* EINTR, or the time is over */
		ssize_t length = mq_receive(mq, message, attr.mq_msgsize, NULL);
		if (length == -1 && errno == EAGAIN)
			continue; /* another process was faster */
		if (length == -1)
			return 1;
		if (length == 3 && memcmp(message, "end", 3) == 0)
			return 0;
		message[length] = '\n';
		fwrite(message, 1, length + 1, stdout);
		fflush(stdout);
	}
}
