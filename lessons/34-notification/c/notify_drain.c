/* A drain goes on until EAGAIN and does not wait; otherwise a message stays behind or comes unnoticed. */
#include "../../c/notify.h"
#include "../../c/turns.h"
#include <fcntl.h>

#define NAME "/notify_drain"
#define NEW (O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK)

static char buffer[16];

static void sender(int a) {
	mqd_t mq = must(mq_open(NAME, O_RDWR));
	tell(a, outcome(mq_send(mq, "from B", 6, 0)));
}

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
	struct mq_attr one = {.mq_maxmsg = 1, .mq_msgsize = 16}, four = {.mq_maxmsg = 4, .mq_msgsize = 16}, now;
	mqd_t mq = must(mq_open(NAME, NEW, 0600, &one));
	int signals = blocked_signal(SIGUSR1);

	/* The queue is full, and B waits to send. */
	must(mq_send(mq, "from A", 6, 0));
	int end = begin(sender, &pid);
	until_asleep(pid);
	must(register_for(mq, SIGUSR1));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	hear(end);
	claim("the-message-of-a-sender-that-waited-causes-no-notification", notified(signals));
	must(mq_getattr(mq, &now));
	claim("after-the-last-message-comes-that-of-a-waiting-sender", now.mq_curmsgs);
	finish(pid);
	claim("a-drain-until-EAGAIN-finds-the-message-of-the-sender", drain(mq));
	must(mq_close(mq));
	must(mq_unlink(NAME));

	/* One message for each notification. */
	mq = must(mq_open(NAME, NEW, 0600, &four));
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
	end = begin(receiver, &pid);
	until_asleep(pid);
	must(mq_send(mq, "for C", 5, 0));
	claim("a-drain-without-O_NONBLOCK-waits-for-the-next-message", hear(end));
	claim("a-drain-that-waits-takes-messages-without-a-notification",
	      (bool)(queue_status(mq, "NOTIFY_PID:") == pid));
	tell(end, "end");
	finish(pid);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
