/* Looks at a queue's registration, and at the signal of a notification. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "claim.h"
#include <mqueue.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Returns a field of the queue's status line: "NOTIFY:", "SIGNO:" or "NOTIFY_PID:". */
static inline long queue_status(mqd_t mq, const char *field) {
	char line[128] = "";
	must(pread(mq, line, sizeof line - 1, 0));
	return atol(strstr(line, field) + strlen(field));
}

/* Blocks a signal, and returns a descriptor that reads it without waiting. */
static inline int blocked_signal(int signo) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, signo);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	return must(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

/* Takes the pending signal. Returns "success", or "EAGAIN" if there is none. */
static inline const char *notified(int signals) {
	struct signalfd_siginfo info;
	return outcome(read(signals, &info, sizeof info));
}

/* Asks for a signal. */
static inline int register_for(mqd_t mq, int signo) {
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = signo};
	return mq_notify(mq, &event);
}

/* Receives until a queue with O_NONBLOCK is empty, and returns the number of messages. */
static inline int drain(mqd_t mq) {
	char buffer[64];
	int number = 0;
	while (mq_receive(mq, buffer, sizeof buffer, NULL) != -1)
		number++;
	if (errno != EAGAIN)
		die("mq_receive");
	return number;
}

#endif
