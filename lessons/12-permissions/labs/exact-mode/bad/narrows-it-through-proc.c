/* loses: the-queue-never-grants-more
 * It makes the queue for everybody, and takes the rights away through /proc/self/fd. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	umask(0);
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0666, &attr);
	char path[40];
	sprintf(path, "/proc/self/fd/%d", mq);
	return mq == (mqd_t)-1 || chmod(path, strtol(argv[2], NULL, 8)) == -1;
}
