/* loses: the-program-ends-with-exit-code-0
 * Does it right, and then waits for a message that nobody sends. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	umask(0);
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, strtol(argv[2], NULL, 8), &attr);
	char message[64];
	mq_receive(mq, message, sizeof message, NULL);
	return 0;
}
