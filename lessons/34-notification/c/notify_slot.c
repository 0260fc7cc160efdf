/* A queue has room for one registration: it keeps a second one out, and only its owner can remove it. */
#include "../../c/notify.h"
#include "../../c/turns.h"
#include <fcntl.h>

#define NAME "/notify_slot"

static mqd_t mq; /* the child inherits it */
static const struct sigevent nothing = {.sigev_notify = SIGEV_NONE};

static void b(int a) {
	tell(a, outcome(mq_notify(mq, &nothing)));
	hear(a);
	tell(a, outcome(mq_notify(mq, &nothing)));
}

static void c(int a) {
	tell(a, outcome(mq_notify(mq, NULL)));
	hear(a);
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	int signals = blocked_signal(SIGUSR1);

	must(mq_notify(mq, &nothing));
	claim("NOTIFY-of-a-queue-is-sigev_notify", queue_status(mq, "NOTIFY:"));
	claim("SIGNO-is-0-if-no-signal-is-asked-for", queue_status(mq, "SIGNO:"));
	must(mq_notify(mq, NULL));
	must(register_for(mq, SIGUSR1));
	claim("SIGNO-is-the-signal-of-the-registration", queue_status(mq, "SIGNO:"));
	claim("NOTIFY-is-0-for-SIGEV_SIGNAL-too", queue_status(mq, "NOTIFY:"));
	must(mq_notify(mq, NULL));

	pid_t pid, stranger;
	must(mq_notify(mq, &nothing));
	int end = begin(b, &pid);
	claim("a-registration-with-SIGEV_NONE-keeps-others-out", hear(end));
	claim("a-registered-process-cannot-register-again", outcome(register_for(mq, SIGUSR1)));
	mqd_t other = must(mq_open(NAME, O_RDONLY));
	claim("a-second-descriptor-gives-no-second-registration", outcome(register_for(other, SIGUSR1)));
	claim("a-refused-mq_notify-leaves-the-old-registration", queue_status(mq, "NOTIFY:"));

	int other_end = begin(c, &stranger);
	claim("mq_notify-with-NULL-succeeds-for-a-stranger", hear(other_end));
	claim("mq_notify-with-NULL-leaves-the-registration-of-another-process",
	      (bool)(queue_status(mq, "NOTIFY_PID:") == getpid()));
	tell(other_end, "end");
	finish(stranger);
	must(mq_notify(other, NULL));
	claim("any-descriptor-serves-to-remove-the-registration", queue_status(mq, "NOTIFY_PID:"));
	claim("mq_notify-with-NULL-succeeds-if-nobody-is-registered", outcome(mq_notify(mq, NULL)));
	tell(end, "register");
	claim("after-NULL-another-process-can-register", hear(end));
	finish(pid); /* which ends the registration */

	char buffer[64];
	must(register_for(mq, SIGUSR1));
	must(mq_notify(mq, NULL));
	must(mq_send(mq, "hello", 5, 0));
	claim("a-removed-registration-sends-no-signal", notified(signals));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));

	struct sigevent unknown = {.sigev_notify = 77};
	claim("mq_notify-refuses-signal-65", outcome(register_for(mq, 65)));
	claim("mq_notify-refuses-an-unknown-sigev_notify", outcome(mq_notify(mq, &unknown)));
	claim("mq_notify-accepts-signal-0", outcome(register_for(mq, 0)));
	must(mq_send(mq, "hello", 5, 0));
	claim("a-message-uses-up-a-registration-with-signal-0", queue_status(mq, "NOTIFY_PID:"));

	int ends[2];
	must(pipe(ends));
	claim("mq_notify-of-a-pipe-is-EBADF", outcome(mq_notify(ends[0], &nothing)));
	mqd_t sender = must(mq_open(NAME, O_WRONLY));
	claim("a-descriptor-that-can-only-send-serves-to-register", outcome(mq_notify(sender, &nothing)));
	must(mq_close(mq));
	must(mq_close(other));
	must(mq_close(sender));
	must(mq_unlink(NAME));
	return 0;
}
