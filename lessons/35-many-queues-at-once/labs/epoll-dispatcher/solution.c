/* Moves messages from several queues into one: PROGRAM /OUT /IN... */
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

static mqd_t must_open(const char *name, int oflag) {
	mqd_t mq = mq_open(name, oflag | O_NONBLOCK);
	if (mq == -1) {
		perror(name);
		exit(1);
	}
	return mq;
}

/* Another receiver may have been faster. Then there is nothing to send. */
static void move(mqd_t in, mqd_t out) {
	struct mq_attr attr;
	unsigned int priority;
	mq_getattr(in, &attr);
	char buffer[attr.mq_msgsize];
	ssize_t length = mq_receive(in, buffer, attr.mq_msgsize, &priority);
	if (length != -1)
		mq_send(out, buffer, length, priority);
}

int main(int argc, char **argv) {
	if (argc < 3) {
		fprintf(stderr, "use: %s /OUT /IN...\n", argv[0]);
		return 2;
	}
	/* SIGTERM stays pending until the loop looks, so it never comes between receive and send. */
	sigset_t term;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	int signals = signalfd(-1, &term, SFD_CLOEXEC), set = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN, .data.fd = signals};
	epoll_ctl(set, EPOLL_CTL_ADD, signals, &event);

	mqd_t out = must_open(argv[1], O_WRONLY);
	for (int i = 2; i < argc; i++) {
		event.data.fd = must_open(argv[i], O_RDONLY);
		epoll_ctl(set, EPOLL_CTL_ADD, event.data.fd, &event);
	}
	for (;;) {
		/* First room, then a message: what has been received cannot be put back. */
		struct pollfd room[] = {{.fd = out, .events = POLLOUT}, {.fd = signals, .events = POLLIN}};
		poll(room, 2, -1);
		if (room[1].revents != 0)
			return 0;
		/* One event at a time: epoll reports the ready inputs in turn. */
		if (epoll_wait(set, &event, 1, -1) != 1)
			continue;
		if (event.data.fd == signals)
			return 0;
		move(event.data.fd, out);
	}
}
