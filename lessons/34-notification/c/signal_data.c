/* The signal of mq_notify says who sent the message, and brings the value that the receiver registered. */
#define _GNU_SOURCE /* setresuid */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include "../../c/user.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/signalfd.h>

#define NAME "/signal_data"

static mqd_t mq; /* the children inherit it */
static char buffer[64];

static void register_for(int signo, int value) {
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = signo, .sigev_value.sival_int = value};
	must(mq_notify(mq, &event));
}

static void from_b(int end) {
	(void)end;
	must(mq_send(mq, "from B", 6, 0));
}

static void from_c(int end) {
	(void)end;
	must(setresuid(NOBODY, 0, 0));
	must(mq_send(mq, "from C", 6, 0));
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	sigset_t blocked;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGUSR2);
	must(sigprocmask(SIG_BLOCK, &blocked, NULL)); /* the default action of SIGUSR1 ends the process */

	pid_t pid;
	siginfo_t info;
	register_for(SIGUSR1, 7);
	int end = begin(from_b, &pid);
	must(sigwaitinfo(&blocked, &info));
	claim("a-notification-has-the-code-SI_MESGQ", info.si_code);
	claim("si_pid-is-the-process-that-sent-the-message", (bool)(info.si_pid == pid));
	claim("si_value-is-the-value-of-the-registration", info.si_value.sival_int);
	struct mq_attr now;
	must(mq_getattr(mq, &now));
	claim("a-notification-leaves-the-message-in-the-queue", now.mq_curmsgs);
	finish(pid);
	close(end);

	struct signalfd_siginfo seen, next;
	int signals = must(signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	register_for(SIGUSR1, 8);
	must(mq_send(mq, "from A", 6, 0));
	must(read(signals, &seen, sizeof seen));
	claim("signalfd-also-brings-the-value-of-the-registration", seen.ssi_int);
	claim("a-process-is-notified-of-its-own-message", (bool)(seen.ssi_pid == (uint32_t)getpid()));

	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	must(mq_send(mq, "again", 5, 0));
	claim("one-registration-causes-one-signal", outcome(read(signals, &seen, sizeof seen)));

	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	register_for(SIGUSR1, 9);
	must(mq_send(mq, "", 0, 0));
	claim("an-empty-message-causes-a-notification", outcome(read(signals, &seen, sizeof seen)));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));

	for (int value = 1; value <= 2; value++) {
		register_for(SIGUSR1, value);
		must(mq_send(mq, "hello", 5, 0));
		must(mq_receive(mq, buffer, sizeof buffer, NULL));
	}
	must(read(signals, &seen, sizeof seen));
	claim("a-pending-signal-keeps-the-value-of-the-first-notification", seen.ssi_int);
	claim("a-second-notification-by-the-same-pending-signal-is-lost", outcome(read(signals, &seen, sizeof seen)));
	register_for(SIGUSR1, 3);
	must(mq_send(mq, "hello", 5, 0));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	register_for(SIGUSR2, 4);
	must(mq_send(mq, "hello", 5, 0));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	must(read(signals, &seen, sizeof seen));
	must(read(signals, &next, sizeof next));
	claim("notifications-by-two-different-signals-both-arrive", seen.ssi_int + next.ssi_int);

	if (geteuid() == 0) {
		register_for(SIGUSR1, 5);
		in_a_child(from_c);
		must(read(signals, &seen, sizeof seen));
		claim("si_uid-is-the-real-uid-of-the-sender", seen.ssi_uid);
	} else {
		claim("si_uid-is-the-real-uid-of-the-sender", "not seen");
	}
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
