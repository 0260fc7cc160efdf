/* Sends two messages. The urgent one should be received first. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(void) {
	char buffer[16];
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = sizeof buffer};
	mqd_t mq = mq_open("/bug_urgent", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_urgent");
	mq_send(mq, "report", 7, 1);
	mq_send(mq, "stop", 5, 0); /* BUG */
	if (mq_receive(mq, buffer, sizeof buffer, NULL) == -1)
		return 1;
	printf("first comes: %s\n", buffer);
	return mq_close(mq);
}
