/* Waits for a message for one second at most. Nobody sends one. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <time.h>

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_second", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_second");
	time_t start = time(NULL);
	struct timespec date = {.tv_sec = 1}; /* BUG */
	char buffer[16];
	if (mq_timedreceive(mq, buffer, sizeof buffer, NULL, &date) != -1)
		return 1;
	puts(date.tv_sec > start ? "waited until its date" : "the date had passed before the call");
	return mq_close(mq);
}
