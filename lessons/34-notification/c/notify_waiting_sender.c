/* The message of a sender that waited enters a queue that was just emptied, without a notification. */
#include "../../c/notify.h"
#include "../../c/turns.h"
#include <fcntl.h>

#define NAME "/notify_waiting_sender"

static char buffer[64];

static void sender(int a) {
	mqd_t mq = must(mq_open(NAME, O_RDWR));
	tell(a, outcome(mq_send(mq, "from B", 6, 0)));
}

int main(void) {
	pid_t pid;
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr));
	int signals = blocked_signal(SIGUSR1);

	must(mq_send(mq, "from A", 6, 0));
	int end = begin(sender, &pid);
	until_asleep(pid);
	must(register_for(mq, SIGUSR1));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	hear(end);
	claim("the-message-of-a-sender-that-waited-causes-no-notification", notified(signals));
	must(mq_getattr(mq, &attr));
	claim("after-the-last-message-comes-that-of-a-waiting-sender", attr.mq_curmsgs);
	finish(pid);
	claim("a-drain-until-EAGAIN-finds-the-message-of-the-sender", drain(mq));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
