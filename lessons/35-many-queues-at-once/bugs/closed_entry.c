/* The program watches a queue, and then gives it up. A library still has a duplicate of the descriptor. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_entry", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_entry");
	int set = epoll_create1(EPOLL_CLOEXEC), of_library = dup(mq);
	struct epoll_event event = {.events = EPOLLIN};
	epoll_ctl(set, EPOLL_CTL_ADD, mq, &event);
	mq_close(mq); /* BUG */
	mq_send(of_library, "hello", 5, 0);
	if (epoll_wait(set, &event, 1, 0) == 1)
		puts("an event of a queue that is closed");
	else
		puts("no event");
	return close(of_library);
}
