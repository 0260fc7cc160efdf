/* Asks poll and epoll which descriptors are ready, without waiting, and returns the answer as a word. */
#ifndef POLLING_H
#define POLLING_H

#include "claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/epoll.h>

/* Returns the events of one descriptor, as strace writes them: "POLLIN|POLLOUT", or "0". */
static inline const char *ask(int fd, short events) {
	static const struct {
		short bit;
		const char *name;
	} names[] = {{POLLIN, "POLLIN"}, {POLLPRI, "POLLPRI"}, {POLLOUT, "POLLOUT"},
	             {POLLERR, "POLLERR"}, {POLLHUP, "POLLHUP"}, {POLLNVAL, "POLLNVAL"}};
	static char text[64];
	struct pollfd asked = {.fd = fd, .events = events};
	int length = 0;
	must(poll(&asked, 1, 0));
	if (asked.revents == 0)
		return "0";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (asked.revents & names[i].bit)
			length += snprintf(text + length, sizeof text - length, "%s%s", length ? "|" : "", names[i].name);
	return text;
}

/* Returns the numbers of the entries that have an event, in ascending order: "1 2", or "nothing". */
static inline const char *ready(int set, int timeout) {
	static char text[64];
	struct epoll_event events[4];
	int length = 0, number = must(epoll_wait(set, events, 4, timeout));
	for (unsigned int data = 0; data < 10; data++)
		for (int i = 0; i < number; i++)
			if (events[i].data.u64 == data)
				length += snprintf(text + length, sizeof text - length, "%s%u", length ? " " : "", data);
	return length ? text : "nothing";
}

/* Adds a descriptor to an epoll set, or changes its entry. */
static inline int enter(int set, int operation, int fd, unsigned int events, unsigned int data) {
	struct epoll_event event = {.events = events, .data.u64 = data};
	return epoll_ctl(set, operation, fd, &event);
}

/* Creates a queue, and removes its name at once. The descriptor is enough. */
static inline mqd_t nameless(const char *name) {
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr));
	must(mq_unlink(name));
	return mq;
}

/* Returns how many entries have an event. */
static inline int events_of(int set) {
	struct epoll_event events[4];
	return must(epoll_wait(set, events, 4, 0));
}

#endif
