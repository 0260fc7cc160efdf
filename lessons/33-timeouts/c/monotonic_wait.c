/* poll waits for a message on CLOCK_MONOTONIC, which nobody can set, but it does not receive the message. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>

#define NAME "/monotonic_wait"
#ifdef SYS_poll
#define SYS_POLL SYS_poll
#else
#define SYS_POLL SYS_ppoll /* on newer architectures glibc's poll is ppoll */
#endif

static mqd_t mq;
static char buffer[16];

static void b(int a) {
	struct pollfd fd = {.fd = mq, .events = POLLIN};
	struct timespec zero = {0}; /* a date that has passed: receive only if a message is there */
	tell(a, outcome(poll(&fd, 1, -1)));
	hear(a);
	tell(a, outcome(mq_timedreceive(mq, buffer, sizeof buffer, NULL, &zero)));
}

static void does_nothing(int signal) {
	(void)signal;
}

static void c(int a) {
	struct sigaction action = {.sa_handler = does_nothing, .sa_flags = SA_RESTART};
	struct pollfd fd = {.fd = mq, .events = POLLIN};
	must(sigaction(SIGUSR1, &action, NULL));
	tell(a, outcome(poll(&fd, 1, -1)));
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	struct pollfd fd = {.fd = mq, .events = POLLIN};
	struct timespec before, after;
	must(clock_gettime(CLOCK_MONOTONIC, &before));
	int ready = must(poll(&fd, 1, 40));
	must(clock_gettime(CLOCK_MONOTONIC, &after));
	long passed = (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec;
	claim("poll-of-an-empty-queue-returns-0-when-its-time-is-over", ready);
	claim("poll-does-not-give-up-before-its-time-on-CLOCK_MONOTONIC", (bool)(ready == 0 && passed >= 40000000));

	pid_t pid;
	int end = begin(b, &pid);
	until_asleep_in(pid, SYS_POLL);
	must(mq_send(mq, "for anybody", 11, 0));
	claim("a-message-ends-poll", hear(end));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	tell(end, "receive");
	claim("a-message-can-be-gone-after-poll", hear(end));
	finish(pid);

	end = begin(c, &pid);
	until_asleep_in(pid, SYS_POLL);
	must(kill(pid, SIGUSR1));
	claim("a-handler-ends-poll-even-with-SA_RESTART", hear(end));
	finish(pid);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
