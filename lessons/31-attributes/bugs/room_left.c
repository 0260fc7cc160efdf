/* Prints how many more messages a queue can take. It has room for four, and three are in it. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_room", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_room");
	for (int i = 0; i < 3; i++)
		mq_send(mq, "message", 7, 0);
	mq_getattr(mq, &attr);
	printf("room for %ld more\n", attr.mq_msgsize - attr.mq_curmsgs); /* BUG */
	return mq_close(mq);
}
