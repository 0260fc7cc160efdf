/* loses: exactly-one-creates a-queue-that-exists-is-left-alone
 * It makes the same two calls as looks-before-it-creates, after a sleep that has another length in each
 * process. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	usleep(getpid() % 100 * 1000);
	if (mq_open(argv[1], O_RDONLY) != (mqd_t)-1 || (errno == EACCES && !strchr(argv[1] + 1, '/')))
		return 1;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	if (mq_open(argv[1], O_CREAT | O_RDWR, 0600, &attr) != (mqd_t)-1)
		return 0;
	perror("mq_open");
	return 2;
}
