/* Moves messages from two queues to a third one: PROGRAM /URGENT /BULK /OUT */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { URGENT, BULK, ROW = 4 };

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static mqd_t open_queue(const char *name, int oflag) {
	mqd_t mq = mq_open(name, oflag);
	if (mq == (mqd_t)-1)
		fail(name);
	return mq;
}

/* Makes the call again if a signal has interrupted it. */
#define again(call) \
	({ \
		ssize_t result_; \
		do \
			result_ = (call); \
		while (result_ == -1 && errno == EINTR); \
		result_; \
	})

int main(int argc, char **argv) {
	if (argc != 4) {
		fprintf(stderr, "use: %s /URGENT /BULK /OUT\n", argv[0]);
		return 2;
	}
	/* poll ignores a descriptor of -1: a queue that has ended */
	struct pollfd in[2];
	size_t size = 0;
	for (int i = URGENT; i <= BULK; i++) {
		struct mq_attr attr;
		in[i] = (struct pollfd){open_queue(argv[1 + i], O_RDONLY | O_NONBLOCK), POLLIN, 0};
		mq_getattr(in[i].fd, &attr);
		if (size < (size_t)attr.mq_msgsize)
			size = attr.mq_msgsize;
	}
	mqd_t out = open_queue(argv[3], O_WRONLY);
	char *message = malloc(size);
	int row = 0; /* of urgent messages */
	while (in[URGENT].fd != -1 || in[BULK].fd != -1) {
		int from = row >= ROW ? BULK : URGENT;
		ssize_t length = -1;
		for (int tries = 0; tries < 2 && length == -1; tries++) {
			if (tries == 1)
				from = !from;
			if (in[from].fd == -1)
				continue;
			length = again(mq_receive(in[from].fd, message, size, NULL));
			if (length == -1 && errno != EAGAIN)
				fail("mq_receive");
		}
		if (length == -1) {
			if (again(poll(in, 2, -1)) == -1)
				fail("poll");
		} else if (length == 0) {
			in[from].fd = -1;
		} else {
			if (again(mq_send(out, message, length, 0)) == -1)
				fail("mq_send");
			row = from == URGENT ? row + 1 : 0;
		}
	}
	return 0;
}
