/* Creates a queue, and reports whether this process was the one that created it: PROGRAM /NAME */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 2;
	}
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	/* One call looks and creates, so that nobody comes between. */
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1 && errno == EEXIST)
		return 1;
	if (mq == (mqd_t)-1) {
		perror("mq_open");
		return 2;
	}
	mq_close(mq);
	return 0;
}
