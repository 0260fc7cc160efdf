/* Receives at each notification. Two messages arrive before the receiver runs. */
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>

int main(void) {
	char buffer[16];
	sigset_t set;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	mqd_t mq = mq_open("/bug_one", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_one");
	mq_notify(mq, &event);
	mq_send(mq, "first", 5, 0);
	mq_send(mq, "second", 6, 0);
	sigwaitinfo(&set, NULL);
	mq_notify(mq, &event);
	mq_receive(mq, buffer, sizeof buffer, NULL); /* BUG */
	mq_getattr(mq, &attr);
	printf("left in the queue: %ld\n", attr.mq_curmsgs);
	return mq_close(mq);
}
