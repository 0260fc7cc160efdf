/* loses: exactly-one-creates
 * It makes the same two calls as looks-before-it-creates, after a sleep that has another length in each
 * process. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	usleep(getpid() % 100 * 1000);
	if (mq_open(argv[1], O_RDONLY) != (mqd_t)-1)
		return 1;
	if (errno != ENOENT)
		return 2;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	return mq_open(argv[1], O_CREAT | O_RDWR, 0600, &attr) == (mqd_t)-1 ? 2 : 0;
}
