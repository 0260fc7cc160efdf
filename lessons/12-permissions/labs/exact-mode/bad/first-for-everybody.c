/* loses: the-queue-never-grants-more
 * Creates the queue open to all, and takes the rights back afterwards. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	umask(0);
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0666, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	return fchmod(mq, strtol(argv[2], NULL, 8)) != 0;
}
