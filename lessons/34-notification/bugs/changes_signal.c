/* Changes its mind: from now on a message is to cause SIGUSR2 instead of SIGUSR1. */
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>

int main(void) {
	sigset_t set;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	mqd_t mq = mq_open("/bug_signal", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_signal");
	mq_notify(mq, &event);
	event.sigev_signo = SIGUSR2;
	mq_notify(mq, &event); /* BUG */
	mq_send(mq, "hello", 5, 0);
	puts(sigwaitinfo(&set, NULL) == SIGUSR2 ? "SIGUSR2" : "SIGUSR1");
	return mq_close(mq);
}
