/* Sends an alarm that must be received before everything else. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_alarm", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_alarm");
	mq_send(mq, "report", 6, 1);
	mq_send(mq, "alarm", 5, -1); /* BUG */
	char first[17] = "";
	if (mq_receive(mq, first, 16, NULL) == -1)
		return 1;
	printf("first: %s\n", first);
	return mq_close(mq);
}
