/* Creates a queue with exactly the requested mode: PROGRAM /NAME MODE */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s /NAME MODE\n", argv[0]);
		return 2;
	}
	mode_t mode = strtol(argv[2], NULL, 8);
	umask(0); /* nothing else is created here, so nobody misses it */
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, mode, &attr);
	if (mq == (mqd_t)-1) {
		perror("mq_open");
		return 1;
	}
	mq_close(mq);
	return 0;
}
