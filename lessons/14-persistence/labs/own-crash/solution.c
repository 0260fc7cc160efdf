/* Puts the orders 1 to COUNT on a queue, each once, however often it is killed: PROGRAM /NAME COUNT */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s /NAME COUNT\n", argv[0]);
		return 2;
	}
	long count = strtol(argv[2], NULL, 10);
	struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = 16};
	/* Without O_EXCL: a leftover is as good as a new queue. */
	mqd_t mq = mq_open(argv[1], O_CREAT | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1) {
		perror("mq_open");
		return 1;
	}
	/* On Linux the descriptor of a queue is one of a file, and the kernel takes a lock back from the dead. */
	if (flock(mq, LOCK_EX | LOCK_NB) == -1) {
		fprintf(stderr, "another instance is at work\n");
		return 3;
	}
	/* The messages on the queue are the only record of what is done. A second one could disagree. */
	mq_getattr(mq, &attr);
	for (long order = attr.mq_curmsgs + 1; order <= count; order++) {
		char text[16];
		snprintf(text, sizeof text, "%ld", order);
		if (mq_send(mq, text, strlen(text), 0) == -1) {
			perror("mq_send");
			return 1;
		}
	}
	return 0; /* which closes the queue, and lets the lock go */
}
