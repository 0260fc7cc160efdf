/* It waits with epoll, and removes a queue that has ended. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

static mqd_t queues[2];
static int open_queues, row, events;
static char *message;
static size_t size;
static mqd_t out;

static int check(long result, const char *what) {
	if (result == -1) {
		perror(what);
		exit(1);
	}
	return result;
}

static void pass_on(ssize_t length) {
	while (mq_send(out, message, length, 0) == -1)
		if (errno != EINTR)
			check(-1, "mq_send");
}

/* Moves one message of this queue. Returns whether there was one. */
static int move(int from) {
	if (queues[from] == -1)
		return 0;
	ssize_t length = mq_receive(queues[from], message, size, NULL);
	if (length == -1) {
		if (errno == EINTR)
			return move(from);
		if (errno != EAGAIN)
			check(-1, "mq_receive");
		return 0;
	}
	if (length == 0) {
		check(epoll_ctl(events, EPOLL_CTL_DEL, queues[from], NULL), "epoll_ctl");
		queues[from] = -1;
		open_queues--;
		return 1;
	}
	pass_on(length);
	row = from == 0 ? row + 1 : 0;
	return 1;
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	events = check(epoll_create1(0), "epoll_create1");
	for (int i = 0; i < 2; i++) {
		struct epoll_event event = {.events = EPOLLIN};
		struct mq_attr attr;
		queues[i] = check(mq_open(argv[1 + i], O_RDONLY | O_NONBLOCK), argv[1 + i]);
		check(epoll_ctl(events, EPOLL_CTL_ADD, queues[i], &event), "epoll_ctl");
		check(mq_getattr(queues[i], &attr), "mq_getattr");
		size = (size_t)attr.mq_msgsize > size ? (size_t)attr.mq_msgsize : size;
		open_queues++;
	}
	out = check(mq_open(argv[3], O_WRONLY), argv[3]);
	message = malloc(size);
	while (open_queues > 0) {
		int bulk_first = row >= 4;
		if (move(bulk_first) || move(!bulk_first))
			continue;
		struct epoll_event event;
		if (epoll_wait(events, &event, 1, -1) == -1 && errno != EINTR)
			check(-1, "epoll_wait");
	}
	return 0;
}
