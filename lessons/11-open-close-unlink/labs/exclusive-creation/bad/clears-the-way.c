/* loses: exactly-one-creates the-queue-is-made-once a-queue-that-exists-is-left-alone
 * Unlinks whatever has the name, so that it can be the one. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	mq_unlink(argv[1]);
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	if (mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &attr) != (mqd_t)-1)
		return 0;
	return errno == EEXIST ? 1 : 2;
}
