/* A process that waits in poll does not receive: a message wakes every poller, and one of them gets it. */
#include "../../c/claim.h"
#include "../../c/polling.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>

#define NAME "/woken_pollers"

static mqd_t mq; /* the children inherit it, with O_NONBLOCK */
static int set;  /* the epoll set of the child that is forked next */
static char buffer[64];

static void b(int a) {
	mqd_t mq = must(mq_open(NAME, O_RDWR)); /* without O_NONBLOCK */
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	tell(a, "received");
	hear(a);
	must(mq_send(mq, "from B", 6, 0));
	tell(a, "sent");
}

static void poll_and_receive(int a) {
	struct pollfd asked = {.fd = mq, .events = POLLIN};
	const char *woken = outcome(poll(&asked, 1, -1));
	tell(a, woken);
	hear(a);
	tell(a, outcome(mq_receive(mq, buffer, sizeof buffer, NULL)));
}

static void wait_in_epoll(int a) {
	struct epoll_event event;
	tell(a, outcome(epoll_wait(set, &event, 1, -1)));
}

static int exclusive(void) {
	int set = must(epoll_create1(EPOLL_CLOEXEC));
	must(enter(set, EPOLL_CTL_ADD, mq, EPOLLIN | EPOLLEXCLUSIVE, 0));
	return set;
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	struct sigevent nothing = {.sigev_notify = SIGEV_NONE};
	pid_t pid, second_pid;
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr));

	int end = begin(b, &pid);
	until_asleep(pid); /* also before its mq_open, but a message then waits for it in the queue */
	must(mq_send(mq, "for B", 5, 0));
	hear(end);
	must(mq_send(mq, "from A", 6, 0));
	tell(end, "send");
	until_asleep(pid);
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	hear(end);
	finish(pid);
	must(mq_receive(mq, buffer, sizeof buffer, NULL));

	int c = begin(poll_and_receive, &pid), d = begin(poll_and_receive, &second_pid);
	until_asleep(pid);
	until_asleep(second_pid);
	must(mq_notify(mq, &nothing));
	must(mq_send(mq, "for one of you", 14, 0));
	claim("a-process-that-waits-in-poll-does-not-prevent-a-notification", outcome(mq_notify(mq, &nothing)));
	claim("a-message-wakes-a-process-that-waits-in-poll", hear(c));
	claim("the-same-message-wakes-every-other-process-in-poll", hear(d));
	tell(c, "receive");
	claim("poll-of-another-process-leaves-the-message-in-the-queue", hear(c));
	tell(d, "receive");
	claim("a-woken-process-gets-EAGAIN-if-another-was-faster", hear(d));
	finish(pid);
	finish(second_pid);

	int of_e = exclusive(), of_f = exclusive();
	set = of_e;
	int e = begin(wait_in_epoll, &pid);
	set = of_f;
	int f = begin(wait_in_epoll, &second_pid);
	until_asleep(pid);
	until_asleep(second_pid);
	must(mq_send(mq, "for one of you", 14, 0));
	claim("with-EPOLLEXCLUSIVE-a-message-wakes-the-first-epoll-set", hear(e));
	claim("with-EPOLLEXCLUSIVE-the-second-epoll-set-has-no-event", events_of(of_f));
	finish(pid);
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	must(mq_send(mq, "another", 7, 0));
	claim("the-next-message-wakes-the-second-epoll-set", hear(f));
	finish(second_pid);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
