/* Receives two commands, and prints the second one. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_text", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_text");
	mq_send(mq, "restart", 7, 0);
	mq_send(mq, "stop", 4, 0);
	char command[17] = "";
	mq_receive(mq, command, 16, NULL);
	ssize_t length = mq_receive(mq, command, 16, NULL);
	command[16] = '\0'; /* BUG */
	printf("%zd bytes: %s\n", length, command);
	return mq_close(mq);
}
