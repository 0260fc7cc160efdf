/* Receives a message and prints the first word of it. The message is "order 7". */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
	char buffer[128];
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = mq_open("/bug_read", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_read");
	mq_send(mq, "order 7", 7, 0);
	ssize_t length = read(mq, buffer, sizeof buffer); /* BUG */
	if (length >= 5)
		printf("received: %.5s\n", buffer);
	return mq_close(mq);
}
