/* A process that waits in poll does not receive: a message wakes every poller, and one of them gets it. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>

#define NAME "/woken_pollers"

static mqd_t mq; /* the children inherit it, with O_NONBLOCK */
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

	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
