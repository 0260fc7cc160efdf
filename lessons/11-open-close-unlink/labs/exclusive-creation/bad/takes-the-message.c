/* loses: a-queue-that-exists-is-left-alone
 * Empties a queue that it finds, to begin afresh. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stddef.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	if (mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &attr) != (mqd_t)-1)
		return 0;
	if (errno != EEXIST)
		return 2;
	mqd_t mq = mq_open(argv[1], O_RDONLY | O_NONBLOCK);
	char message[8192];
	while (mq_receive(mq, message, sizeof message, NULL) >= 0)
		;
	return 1;
}
