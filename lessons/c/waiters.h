/* Children that wait in mq_receive or mq_send. Each tells the parent what its call has returned. */
#ifndef WAITERS_H
#define WAITERS_H

#include "turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/resource.h>

static mqd_t mq; /* the children inherit it */
static char buffer[65];

/* How the next child waits. */
static const char *message = "";
static unsigned priority;
static int handler = -1; /* sa_flags of its handler for SIGUSR1; -1: it has none */
static bool stands_back; /* whether it raises its nice value first */

struct waiter {
	pid_t pid;
	int end;
};

static inline void do_nothing(int signal) {
	(void)signal;
}

/* Gives a process a higher nice value than ours. A value above 19 becomes 19. */
static inline void stand_back(pid_t pid) {
	must(setpriority(PRIO_PROCESS, pid, getpriority(PRIO_PROCESS, 0) + 5));
}

static inline void prepare(int a) {
	struct sigaction action = {.sa_handler = do_nothing, .sa_flags = handler};
	if (stands_back)
		stand_back(getpid());
	if (handler != -1)
		must(sigaction(SIGUSR1, &action, NULL));
	tell(a, "waits now");
}

static inline void receives(int a) {
	prepare(a);
	tell(a, mq_receive(mq, buffer, 64, NULL) == -1 ? outcome(-1) : buffer);
}
static inline void sends(int a) {
	prepare(a);
	tell(a, outcome(mq_send(mq, message, strlen(message), priority)));
}

/* Forks a child that will wait, and returns before it has waited. */
static inline struct waiter started(void (*play)(int)) {
	struct waiter waiter;
	waiter.end = begin(play, &waiter.pid);
	return waiter;
}

/* Returns as soon as the child waits. */
static inline void until_it_waits(struct waiter waiter) {
	hear(waiter.end);
	until_asleep(waiter.pid);
}

/* Forks a child, and returns as soon as it waits. */
static inline struct waiter waiting(void (*play)(int)) {
	struct waiter waiter = started(play);
	until_it_waits(waiter);
	return waiter;
}

/* A child that sends this message as soon as there is room. */
static inline struct waiter waiting_to_send(const char *text, unsigned with_priority) {
	message = text;
	priority = with_priority;
	return waiting(sends);
}

/* Returns what the child's call has returned, and reaps the child. */
static inline const char *answer(struct waiter waiter) {
	static char said[64];
	strcpy(said, hear(waiter.end));
	finish(waiter.pid);
	close(waiter.end);
	return said;
}

/* Returns the text of the next message. The next call overwrites it. */
static inline const char *next(void) {
	memset(buffer, 0, sizeof buffer);
	must(mq_receive(mq, buffer, 64, NULL));
	return buffer;
}

static inline void post(const char *text, unsigned with_priority) {
	must(mq_send(mq, text, strlen(text), with_priority));
}

static inline long curmsgs(void) {
	struct mq_attr attr;
	must(mq_getattr(mq, &attr));
	return attr.mq_curmsgs;
}

/* Creates the queue, with room for messages of 64 bytes. */
static inline void create(const char *name, long maxmsg) {
	struct mq_attr attr = {.mq_maxmsg = maxmsg, .mq_msgsize = 64};
	mq = must(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
}

#endif
