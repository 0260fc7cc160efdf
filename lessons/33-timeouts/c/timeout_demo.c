/* The timeout of a queue's calls is a date: only a call that would wait looks whether it has passed. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/syscall.h>
#include <time.h>

#define NAME "/timeout_demo"

static const struct timespec far = {.tv_sec = 2147483647}; /* 2038: the last date in 32 bits */

static mqd_t mq; /* the child inherits it */
static char buffer[16];

static const char *receive(const struct timespec *date) {
	return outcome(mq_timedreceive(mq, buffer, sizeof buffer, NULL, date));
}

static void b(int a) {
	/* POSIX does not define a null pointer here, so glibc's header warns of a constant NULL. */
	const struct timespec *volatile none = NULL;
	tell(a, receive(&far));
	hear(a);
	tell(a, receive(none));
	hear(a);
	tell(a, outcome(mq_timedsend(mq, "third", 5, 0, &far)));
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	struct timespec past;
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(clock_gettime(CLOCK_REALTIME, &past));
	past.tv_sec--;
	claim("a-date-that-has-passed-is-ETIMEDOUT-if-the-queue-is-empty", receive(&past));
	must(mq_send(mq, "hello", 5, 0));
	claim("a-date-that-has-passed-does-not-matter-if-a-message-is-there", receive(&past));

	claim("a-date-that-has-passed-does-not-matter-if-there-is-room", outcome(mq_timedsend(mq, "one", 3, 0, &past)));
	must(mq_timedsend(mq, "two", 3, 0, &past));
	claim("a-date-that-has-passed-is-ETIMEDOUT-if-the-queue-is-full",
	      outcome(mq_timedsend(mq, "three", 5, 9, &past)));
	ssize_t length = must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim_bytes("a-message-whose-send-timed-out-is-not-in-the-queue", buffer, length);
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim("a-message-whose-send-timed-out-does-not-arrive-later", receive(&past));

	pid_t pid;
	int end = begin(b, &pid);
	until_asleep_in(pid, SYS_mq_timedreceive);
	must(mq_send(mq, "for B", 5, 0));
	claim("a-message-ends-the-wait-before-its-date", hear(end));
	tell(end, "wait without a date");
	until_asleep_in(pid, SYS_mq_timedreceive);
	must(mq_send(mq, "for B", 5, 0));
	claim("a-null-pointer-as-timeout-waits-for-a-message", hear(end));
	must(mq_timedsend(mq, "one", 3, 0, &past));
	must(mq_timedsend(mq, "two", 3, 0, &past));
	tell(end, "wait for room");
	until_asleep_in(pid, SYS_mq_timedsend);
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim("a-receiver-ends-a-wait-for-room-before-its-date", hear(end));
	finish(pid);

	mqd_t busy = must(mq_open(NAME, O_RDWR | O_NONBLOCK));
	claim("with-O_NONBLOCK-mq_timedsend-is-EAGAIN-whatever-the-date",
	      outcome(mq_timedsend(busy, "fourth", 6, 0, &far)));
	must(mq_receive(busy, buffer, sizeof buffer, NULL));
	must(mq_receive(busy, buffer, sizeof buffer, NULL));
	claim("with-O_NONBLOCK-mq_timedreceive-is-EAGAIN-whatever-the-date",
	      outcome(mq_timedreceive(busy, buffer, sizeof buffer, NULL, &far)));
	must(mq_close(busy));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
