/* Sleeps a fifth of a second in poll before its first call, and no longer than that. The rest is the same
 * as in sleeps-in-poll. */
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

int main(int argc, char **argv) {
	poll(NULL, 0, 200);
	if (argc != 3)
		return 2;
	int orders = atoi(argv[2]);
	struct mq_attr attr = {.mq_maxmsg = orders, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1) {
		perror("mq_open");
		return 1;
	}
	if (flock(mq, LOCK_EX | LOCK_NB) == -1)
		return 3; /* another one is at work */
	mq_getattr(mq, &attr);
	for (int order = attr.mq_curmsgs + 1; order <= orders; order++) {
		char text[16];
		int length = sprintf(text, "%d", order);
		if (mq_send(mq, text, length, 0) == -1) {
			perror("mq_send");
			return 1;
		}
	}
	return 0;
}
