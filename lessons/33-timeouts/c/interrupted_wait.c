/* A signal interrupts a wait with a timeout, but it never moves the date at which the wait ends. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/syscall.h>
#include <time.h>

#define NAME "/interrupted_wait"

static const struct timespec far = {.tv_sec = 2147483647}; /* 2038: the last date in 32 bits */

static mqd_t mq;
static char buffer[16];

static void does_nothing(int signal) {
	(void)signal;
}

static void handle(int flags) {
	struct sigaction action = {.sa_handler = does_nothing, .sa_flags = flags};
	must(sigaction(SIGUSR1, &action, NULL));
}

static void b(int a) {
	handle(0);
	tell(a, outcome(mq_timedreceive(mq, buffer, sizeof buffer, NULL, &far)));
	hear(a);
	tell(a, outcome(mq_timedsend(mq, "third", 5, 0, &far)));
}

static void c(int a) {
	handle(SA_RESTART);
	tell(a, outcome(mq_timedreceive(mq, buffer, sizeof buffer, NULL, &far)));
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));

	pid_t pid;
	int end = begin(b, &pid);
	until_asleep_in(pid, SYS_mq_timedreceive);
	must(kill(pid, SIGUSR1));
	claim("a-handler-ends-mq_timedreceive-with-EINTR", hear(end));
	must(mq_send(mq, "one", 3, 0));
	must(mq_send(mq, "two", 3, 0));
	tell(end, "send");
	until_asleep_in(pid, SYS_mq_timedsend);
	must(kill(pid, SIGUSR1));
	claim("a-handler-ends-mq_timedsend-with-EINTR", hear(end));
	must(mq_getattr(mq, &attr));
	claim("an-interrupted-mq_timedsend-leaves-no-message", attr.mq_curmsgs);
	finish(pid);
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));

	end = begin(c, &pid);
	until_asleep_in(pid, SYS_mq_timedreceive);
	must(kill(pid, SIGUSR1));
	until_asleep_in(pid, SYS_mq_timedreceive);
	must(mq_send(mq, "for C", 5, 0));
	claim("with-SA_RESTART-a-wait-goes-on-after-the-handler", hear(end));
	finish(pid);

	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
