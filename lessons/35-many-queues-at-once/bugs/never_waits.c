/* The program only receives. It wants to sleep in poll as long as the queue is empty. */
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdio.h>

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_waits", O_CREAT | O_EXCL | O_RDONLY | O_NONBLOCK, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_waits");
	struct pollfd fd = {.fd = mq, .events = POLLIN | POLLOUT}; /* BUG */
	if (poll(&fd, 1, 10) == 0)
		puts("poll has slept");
	else
		puts("poll returns at once, without a message");
	return mq_close(mq);
}
