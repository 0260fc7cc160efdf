/* Register first, then drain without waiting: in the other order a notification can be lost forever. */
#include "../../c/notify.h"
#include "../../c/turns.h"
#include <fcntl.h>

#define NAME "/notify_lost"

static mqd_t mq; /* the child inherits it */

/* B sends a message for each word that it hears. */
static void b(int a) {
	for (int number = 1; number <= 8; number++) {
		hear(a);
		must(mq_send(mq, "message", 7, 0));
		tell(a, "sent");
	}
}

static void let_send(int b) {
	tell(b, "send a message");
	hear(b);
}

int main(void) {
	pid_t pid;
	char buffer[16];
	struct mq_attr attr = {.mq_maxmsg = 8, .mq_msgsize = 16};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr));
	int signals = blocked_signal(SIGUSR1);
	int end = begin(b, &pid);

	/* The wrong order. */
	must(register_for(mq, SIGUSR1));
	let_send(end);
	notified(signals);
	drain(mq);
	let_send(end);
	claim("mq_notify-succeeds-on-a-queue-with-messages", outcome(register_for(mq, SIGUSR1)));
	claim("a-message-from-before-the-registration-causes-no-notification", notified(signals));
	let_send(end);
	claim("a-message-behind-one-in-the-queue-does-not-wake-the-receiver", notified(signals));
	must(mq_getattr(mq, &attr));
	claim("the-messages-wait-while-the-receiver-waits", attr.mq_curmsgs);
	drain(mq);
	let_send(end);
	claim("after-a-drain-the-next-message-causes-the-notification", notified(signals));

	/* The right order. */
	let_send(end);
	must(register_for(mq, SIGUSR1));
	let_send(end);
	claim("a-drain-after-the-registration-finds-all-earlier-messages", drain(mq));
	let_send(end);
	claim("a-message-after-the-drain-causes-a-notification", notified(signals));
	must(register_for(mq, SIGUSR1));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	let_send(end);
	claim("the-drain-also-takes-a-message-that-arrives-during-the-drain", drain(mq));
	claim("a-notification-can-find-an-empty-queue", notified(signals));
	finish(pid);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
