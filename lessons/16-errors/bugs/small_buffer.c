/* Receives a message of five bytes from a queue that allows messages of up to 128 bytes. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>

int main(void) {
	char buffer[64]; /* BUG */
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 128};
	mqd_t mq = mq_open("/bug_buffer", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_buffer");
	mq_send(mq, "hello", 5, 0);
	ssize_t length = mq_receive(mq, buffer, sizeof buffer, NULL);
	if (length == -1)
		printf("mq_receive: %m\n");
	else
		printf("received %zd bytes\n", length);
	return mq_close(mq);
}
