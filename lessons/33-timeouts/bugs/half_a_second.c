/* Computes the date of half a second from now. Here "now" is 0.7 seconds after a full second. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <time.h>

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_half", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_half");
	mq_send(mq, "message", 7, 0);
	struct timespec date = {.tv_sec = time(NULL), .tv_nsec = 700000000};
	date.tv_nsec += 500000000; /* BUG */
	char buffer[16];
	if (mq_timedreceive(mq, buffer, sizeof buffer, NULL, &date) == -1)
		puts(errno == EINVAL ? "EINVAL" : "another error");
	else
		puts("received");
	return mq_close(mq);
}
