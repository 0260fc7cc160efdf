/* A client asks twice. The reply to its first request comes late. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 32};
	char reply[33] = "";
	int id = 0;
	mqd_t replies = mq_open("/bug_reply", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	if (replies == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_reply");
	mq_send(replies, "1 done", 6, 0); /* the server: after the client's wait for it has ended */
	mq_send(replies, "2 refused", 9, 0);
	do {
		ssize_t length = mq_receive(replies, reply, 32, NULL);
		if (length == -1)
			return 1;
		reply[length] = '\0';
		sscanf(reply, "%d", &id);
	} while (id == 0); /* BUG */
	printf("request 2: %s\n", reply + 2);
	return mq_close(replies);
}
