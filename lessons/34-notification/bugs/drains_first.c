/* A message is handled at each notification. The second one arrives while the first is being handled. */
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>

static char buffer[16];

static void drain(mqd_t mq) {
	while (mq_receive(mq, buffer, sizeof buffer, NULL) != -1)
		;
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	mqd_t mq = mq_open("/bug_drains", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_drains");
	signal(SIGUSR1, SIG_IGN); /* the program looks at the queue, not at the signal */
	mq_notify(mq, &event);
	mq_send(mq, "first", 5, 0);
	drain(mq);
	mq_send(mq, "second", 6, 0); /* stands for another process, which sends just now */
	mq_notify(mq, &event); /* BUG */
	mq_send(mq, "third", 5, 0);
	/* Nobody is registered any more if the third message has caused a notification. */
	puts(mq_notify(mq, &event) == 0 ? "notified of the third" : "still waiting");
	return mq_close(mq);
}
