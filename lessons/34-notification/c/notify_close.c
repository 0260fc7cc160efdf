/* Any close of the queue in the registered process ends the registration, whichever descriptor it closes. */
#include "../../c/notify.h"
#include "../../c/turns.h"
#include <fcntl.h>

#define NAME "/notify_close"

static mqd_t mq; /* the child inherits it */

static bool registered(void) {
	return queue_status(mq, "NOTIFY_PID:") == getpid();
}

static void closes_it(int a) {
	(void)a;
	must(close(must(dup(mq))));
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));

	must(register_for(mq, SIGUSR1));
	int copy = must(dup(mq));
	bool before = registered();
	must(close(copy));
	claim("closing-a-dup-of-the-descriptor-ends-the-registration", (bool)(before && !registered()));

	must(register_for(mq, SIGUSR1));
	int file = open("/dev/mqueue" NAME, O_RDONLY | O_CLOEXEC);
	if (file == -1) {
		claim("opening-the-file-of-the-queue-keeps-the-registration", "not seen");
		claim("closing-the-file-of-the-queue-ends-the-registration", "not seen");
	} else {
		claim("opening-the-file-of-the-queue-keeps-the-registration", registered());
		must(close(file));
		claim("closing-the-file-of-the-queue-ends-the-registration", registered());
	}
	must(mq_notify(mq, NULL));
	must(register_for(mq, SIGUSR1));
	in_a_child(closes_it);
	claim("a-close-in-a-child-leaves-the-registration", registered());
	must(mq_unlink(NAME));
	claim("mq_unlink-leaves-the-registration", registered());
	must(mq_close(mq));
	return 0;
}
