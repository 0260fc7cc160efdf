/* Linux checks the timeout in every call, even if the call would not wait, and before it checks anything else. */
#include "../../c/claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NAME "/invalid_timeout"

static const struct timespec past = {0};                                            /* the beginning of 1970 */
static const struct timespec wrong = {.tv_sec = 2147483647, .tv_nsec = 1000000000}; /* not a date */

static mqd_t mq;
static char buffer[16];

static const char *receive(time_t sec, long nsec) {
	struct timespec date = {.tv_sec = sec, .tv_nsec = nsec};
	return outcome(mq_timedreceive(mq, buffer, sizeof buffer, NULL, &date));
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
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

	must(mq_send(mq, "full", 4, 0));
	mqd_t busy = must(mq_open(NAME, O_RDWR | O_NONBLOCK));
	claim("with-O_NONBLOCK-an-invalid-timeout-is-still-EINVAL",
	      outcome(mq_timedsend(busy, "third", 5, 0, &wrong)));
	claim("a-message-that-is-too-long-is-EMSGSIZE-and-not-ETIMEDOUT",
	      outcome(mq_timedsend(mq, "seventeen bytes..", 17, 0, &past)));

	claim("a-timeout-that-cannot-be-read-is-EFAULT-even-if-a-message-is-there",
	      outcome(syscall(SYS_mq_timedreceive, mq, buffer, sizeof buffer, NULL, (void *)1)));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim("a-timeout-that-cannot-be-read-is-EFAULT-even-if-there-is-room",
	      outcome(syscall(SYS_mq_timedsend, mq, "hello", 5, 0, (void *)1)));
	must(mq_close(busy));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
