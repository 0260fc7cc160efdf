/* Opens a queue without O_NONBLOCK, and later tries to receive a message without waiting. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(void) {
	char buffer[16];
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = sizeof buffer};
	mqd_t mq = mq_open("/bug_try", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_try");
	fcntl(mq, F_SETFD, O_NONBLOCK); /* BUG */
	mq_getattr(mq, &attr);
	if ((attr.mq_flags & O_NONBLOCK) == 0)
		puts("mq_receive would wait");
	else if (mq_receive(mq, buffer, sizeof buffer, NULL) == -1 && errno == EAGAIN)
		puts("no message, so on with the work");
	return mq_close(mq);
}
