/* loses: other-errors-are-told-apart
 * Takes each failure for EEXIST. */
#include <fcntl.h>
#include <mqueue.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	return mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &attr) == (mqd_t)-1;
}
