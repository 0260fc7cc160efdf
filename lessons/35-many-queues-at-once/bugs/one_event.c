/* Two messages are in the queue. The loop receives one for each event, until epoll reports none. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/epoll.h>

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_one_event", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_one_event");
	int set = epoll_create1(EPOLL_CLOEXEC), received = 0;
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT}; /* BUG */
	epoll_ctl(set, EPOLL_CTL_ADD, mq, &event);
	mq_send(mq, "first", 5, 0);
	mq_send(mq, "second", 6, 0);
	while (epoll_wait(set, &event, 1, 0) == 1) {
		char buffer[16];
		mq_receive(mq, buffer, sizeof buffer, NULL);
		received++;
	}
	printf("received %d of 2\n", received);
	return mq_close(mq);
}
