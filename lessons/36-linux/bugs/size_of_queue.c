/* Says whether messages are waiting in a queue. The queue is new, so there are none. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/stat.h>

int main(void) {
	struct stat status;
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = mq_open("/bug_size", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_size");
	if (fstat(mq, &status) == -1 || mq_getattr(mq, &attr) == -1)
		return 1;
	long waiting = status.st_size; /* BUG */
	puts(waiting > 0 ? "messages are waiting" : "the queue is empty");
	return mq_close(mq);
}
