/* Counts the messages in a queue by receiving all of them. There are three. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_zero", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_zero");
	mq_send(mq, "first", 5, 0);
	mq_send(mq, "", 0, 0);
	mq_send(mq, "third", 5, 0);
	char buffer[16];
	int messages = 0;
	while (mq_receive(mq, buffer, sizeof buffer, NULL) > 0) /* BUG */
		messages++;
	printf("received %d\n", messages);
	return mq_close(mq);
}
