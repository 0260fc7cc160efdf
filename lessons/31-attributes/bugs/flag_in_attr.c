/* Creates a queue through which no call of this process waits. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(void) {
	struct mq_attr attr = {.mq_flags = O_NONBLOCK, .mq_maxmsg = 2, .mq_msgsize = 16};
	int oflag = O_CREAT | O_EXCL | O_RDWR; /* BUG */
	mqd_t mq = mq_open("/bug_flag", oflag, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_flag");
	mq_getattr(mq, &attr);
	if (attr.mq_flags & O_NONBLOCK)
		puts("mq_receive returns at once");
	else
		puts("mq_receive waits");
	return mq_close(mq);
}
