/* loses: nothing-else-is-left
 * Takes a lock that nobody needs, and leaves it there. */
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	sem_open("/lab_lock", O_CREAT, 0600, 1);
	umask(0);
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, strtol(argv[2], NULL, 8), &attr);
	return mq == (mqd_t)-1;
}
