/* One edge-triggered epoll set for all: the program remembers which inputs may have messages, and whether there is room. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

static int set;

static mqd_t must_watch(const char *name, int oflag, unsigned int events, int number) {
	mqd_t mq = mq_open(name, oflag | O_NONBLOCK);
	struct epoll_event event = {.events = events | EPOLLET, .data.u32 = number};
	if (mq == -1 || epoll_ctl(set, EPOLL_CTL_ADD, mq, &event) == -1) {
		perror(name);
		exit(1);
	}
	return mq;
}

/* Whether there is room in the output. Only this program sends, so room does not vanish. */
static bool has_room(mqd_t out) {
	struct mq_attr attr;
	return mq_getattr(out, &attr) == 0 && attr.mq_curmsgs < attr.mq_maxmsg;
}

int main(int argc, char **argv) {
	if (argc < 3)
		return 2;
	sigset_t term;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	int signals = signalfd(-1, &term, SFD_CLOEXEC);
	set = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = 0};
	epoll_ctl(set, EPOLL_CTL_ADD, signals, &event);
	mqd_t out = must_watch(argv[1], O_WRONLY, EPOLLOUT, 1), in[argc];
	bool ready[argc];
	for (int i = 2; i < argc; i++) {
		in[i] = must_watch(argv[i], O_RDONLY, EPOLLIN, i);
		ready[i] = true;
	}
	for (bool idle = false;;) {
		/* While there is work, only look for events; otherwise wait for one. */
		int number = epoll_wait(set, &event, 1, idle ? -1 : 0);
		if (number == 1 && event.data.u32 == 0)
			return 0;
		if (number == 1 && event.data.u32 >= 2)
			ready[event.data.u32] = true;
		idle = true;
		for (int i = 2; i < argc && has_room(out); i++) {
			char text[64];
			unsigned int priority;
			if (!ready[i])
				continue;
			ssize_t length = mq_receive(in[i], text, sizeof text, &priority);
			if (length != -1)
				mq_send(out, text, length, priority);
			else if (errno == EAGAIN)
				ready[i] = false;
			idle = idle && length == -1;
		}
	}
}
