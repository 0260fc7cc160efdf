/* With EPOLLEXCLUSIVE, a message wakes one of the processes that wait, each in an epoll set of its own. */
#include "../../c/claim.h"
#include "../../c/polling.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>

#define NAME "/epoll_exclusive"

static mqd_t mq; /* the children inherit it */
static int set;  /* the epoll set of the child that is forked next */

/* Makes an epoll set that shares the wake-ups of this queue with other sets. */
static int exclusive(void) {
	int set = must(epoll_create1(EPOLL_CLOEXEC));
	must(enter(set, EPOLL_CTL_ADD, mq, EPOLLIN | EPOLLEXCLUSIVE, 0));
	return set;
}

static void wait_in_epoll(int a) {
	struct epoll_event event;
	tell(a, outcome(epoll_wait(set, &event, 1, -1)));
}

int main(void) {
	char buffer[64];
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = sizeof buffer};
	pid_t of_b, of_c;
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));

	set = exclusive();
	int b = begin(wait_in_epoll, &of_b);
	set = exclusive();
	int c = begin(wait_in_epoll, &of_c);
	until_asleep(of_b);
	until_asleep(of_c);

	must(mq_send(mq, "for one of you", 14, 0));
	claim("with-EPOLLEXCLUSIVE-a-message-wakes-the-first-epoll-set", hear(b));
	claim("with-EPOLLEXCLUSIVE-the-second-epoll-set-has-no-event", events_of(set));
	finish(of_b);

	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	must(mq_send(mq, "another", 7, 0));
	claim("the-next-message-wakes-the-second-epoll-set", hear(c));
	finish(of_c);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
