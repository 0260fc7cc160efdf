/* The timeout of a queue's calls is a date: only a call that would wait looks whether it has passed. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/syscall.h>
#include <time.h>

#define NAME "/timeout_demo"

static const struct timespec far = {.tv_sec = 4000000000};                           /* 2096 */
static const struct timespec wrong = {.tv_sec = 4000000000, .tv_nsec = 1000000000}; /* not a date */

static mqd_t mq; /* the child inherits it */
static char buffer[16];

static const char *receive(time_t sec, long nsec) {
	struct timespec date = {.tv_sec = sec, .tv_nsec = nsec};
	return outcome(mq_timedreceive(mq, buffer, sizeof buffer, NULL, &date));
}

static void b(int a) {
	/* POSIX does not define a null pointer here, so glibc's header warns of a constant NULL. */
	const struct timespec *volatile none = NULL;
	tell(a, outcome(mq_timedreceive(mq, buffer, sizeof buffer, NULL, none)));
	hear(a);
	tell(a, outcome(mq_timedreceive(mq, buffer, sizeof buffer, NULL, &far)));
	hear(a);
	tell(a, outcome(mq_timedsend(mq, "third", 5, 0, &far)));
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	struct timespec past;
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(clock_gettime(CLOCK_REALTIME, &past));
	past.tv_sec--;
	claim("a-date-that-has-passed-is-ETIMEDOUT-if-the-queue-is-empty", receive(past.tv_sec, past.tv_nsec));
	must(mq_send(mq, "hello", 5, 0));
	claim("a-date-that-has-passed-does-not-matter-if-a-message-is-there", receive(past.tv_sec, past.tv_nsec));

	claim("a-date-that-has-passed-does-not-matter-if-there-is-room", outcome(mq_timedsend(mq, "one", 3, 0, &past)));
	must(mq_send(mq, "two", 3, 0));
	claim("a-date-that-has-passed-is-ETIMEDOUT-if-the-queue-is-full",
	      outcome(mq_timedsend(mq, "three", 5, 9, &past)));
	ssize_t length = must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim_bytes("a-message-whose-send-timed-out-is-not-in-the-queue", buffer, length);
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim("a-message-whose-send-timed-out-does-not-arrive-later", receive(past.tv_sec, past.tv_nsec));

	claim("tv_nsec-of-1000000000-is-EINVAL", receive(1, 1000000000));
	claim("a-negative-tv_nsec-is-EINVAL", receive(1, -1));
	claim("tv_nsec-of-999999999-is-a-date", receive(1, 999999999));
	claim("a-date-before-1970-is-EINVAL", receive(-1, 0));

	claim("an-invalid-timeout-is-EINVAL-even-if-there-is-room", outcome(mq_timedsend(mq, "hello", 5, 0, &wrong)));
	must(mq_send(mq, "hello", 5, 0));
	claim("an-invalid-timeout-is-EINVAL-even-if-a-message-is-there", receive(wrong.tv_sec, wrong.tv_nsec));
	must(mq_getattr(mq, &attr));
	claim("an-invalid-timeout-leaves-the-message-in-the-queue", attr.mq_curmsgs);
	int ends[2];
	must(pipe(ends));
	claim("the-descriptor-is-checked-after-the-timeout",
	      outcome(mq_timedreceive(ends[0], buffer, sizeof buffer, NULL, &wrong)));
	claim("a-descriptor-of-a-pipe-is-EBADF-whatever-the-date",
	      outcome(mq_timedreceive(ends[0], buffer, sizeof buffer, NULL, &past)));

	mqd_t busy = must(mq_open(NAME, O_RDWR | O_NONBLOCK));
	must(mq_send(busy, "full", 4, 0));
	claim("with-O_NONBLOCK-mq_timedsend-is-EAGAIN-whatever-the-date",
	      outcome(mq_timedsend(busy, "third", 5, 0, &far)));
	claim("with-O_NONBLOCK-an-invalid-timeout-is-still-EINVAL",
	      outcome(mq_timedsend(busy, "third", 5, 0, &wrong)));
	claim("a-message-that-is-too-long-is-EMSGSIZE-and-not-ETIMEDOUT",
	      outcome(mq_timedsend(mq, "seventeen bytes..", 17, 0, &past)));
	must(mq_receive(busy, buffer, sizeof buffer, NULL));
	must(mq_receive(busy, buffer, sizeof buffer, NULL));
	claim("with-O_NONBLOCK-mq_timedreceive-is-EAGAIN-whatever-the-date",
	      outcome(mq_timedreceive(busy, buffer, sizeof buffer, NULL, &far)));

	claim("a-timeout-that-cannot-be-read-is-EFAULT-even-if-there-is-room",
	      outcome(syscall(SYS_mq_timedsend, mq, "hello", 5, 0, (void *)1)));
	must(mq_send(mq, "hello", 5, 0));
	claim("a-timeout-that-cannot-be-read-is-EFAULT-even-if-a-message-is-there",
	      outcome(syscall(SYS_mq_timedreceive, mq, buffer, sizeof buffer, NULL, (void *)1)));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));

	pid_t pid;
	int end = begin(b, &pid);
	until_asleep(pid);
	must(mq_send(mq, "for B", 5, 0));
	claim("a-null-pointer-as-timeout-waits-for-a-message", hear(end));
	tell(end, "wait until 2096");
	until_asleep_in(pid, SYS_mq_timedreceive);
	must(mq_send(mq, "for B", 5, 0));
	claim("a-message-ends-the-wait-before-its-date", hear(end));
	must(mq_send(mq, "one", 3, 0));
	must(mq_send(mq, "two", 3, 0));
	tell(end, "wait for room");
	until_asleep_in(pid, SYS_mq_timedsend);
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim("a-receiver-ends-a-wait-for-room-before-its-date", hear(end));
	finish(pid);
	must(mq_close(busy));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
