/* loses: the-queue-has-the-mode-under-any-umask
 * Gives the mode to mq_open, and leaves the umask as it is. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, strtol(argv[2], NULL, 8), &attr);
	return mq == (mqd_t)-1;
}
