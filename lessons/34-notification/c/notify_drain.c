/* A drain goes on until EAGAIN and does not wait; otherwise a message stays behind or comes unnoticed. */
#include "../../c/notify.h"
#include "../../c/turns.h"
#include <fcntl.h>

#define NAME "/notify_drain"

static char buffer[16];

static void receiver(int a) {
	struct sigevent nothing = {.sigev_notify = SIGEV_NONE};
	mqd_t mq = must(mq_open(NAME, O_RDONLY));
	must(mq_notify(mq, &nothing));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	tell(a, outcome(mq_receive(mq, buffer, sizeof buffer, NULL)));
	hear(a);
}

int main(void) {
	pid_t pid;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr));
	int signals = blocked_signal(SIGUSR1);

	/* One message for each notification. */
	must(register_for(mq, SIGUSR1));
	must(mq_send(mq, "first", 5, 0));
	must(mq_send(mq, "second", 6, 0));
	claim("two-messages-can-cause-one-notification", notified(signals));
	must(register_for(mq, SIGUSR1));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	must(mq_send(mq, "third", 5, 0));
	claim("a-message-that-stays-behind-prevents-every-later-notification", notified(signals));
	drain(mq);
	must(mq_notify(mq, NULL));

	/* A drain that waits. */
	must(mq_send(mq, "first", 5, 0));
	int end = begin(receiver, &pid);
	until_asleep(pid);
	must(mq_send(mq, "for B", 5, 0));
	claim("a-drain-without-O_NONBLOCK-waits-for-the-next-message", hear(end));
	claim("a-drain-that-waits-takes-messages-without-a-notification",
	      (bool)(queue_status(mq, "NOTIFY_PID:") == pid));
	tell(end, "end");
	finish(pid);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
