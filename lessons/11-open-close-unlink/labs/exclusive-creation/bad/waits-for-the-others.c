/* loses: exactly-one-creates
 * The first waits, without end, for somebody who never comes. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return errno == EEXIST ? 1 : 2;
	char message[64];
	mq_receive(mq, message, sizeof message, NULL);
	return 0;
}
