/* Another lock: fcntl(F_OFD_SETLK) belongs to the open file description of the queue, and goes with it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	int count = atoi(argv[2]);
	struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = 8};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_RDWR, 0600, &attr);
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	if (mq == (mqd_t)-1 || mq_getattr(mq, &attr) == -1)
		return 1;
	if (fcntl(mq, F_OFD_SETLK, &whole) == -1)
		return 3;
	/* Asked again, for another one may have been at work until the lock was free. */
	for (mq_getattr(mq, &attr); attr.mq_curmsgs < count; mq_getattr(mq, &attr)) {
		char order[8];
		mq_send(mq, order, sprintf(order, "%ld", attr.mq_curmsgs + 1), 0);
	}
	return 0;
}
