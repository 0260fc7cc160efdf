/* Creates a queue that every user can send to and receive from, whatever the umask is. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/stat.h>

int main(void) {
	struct stat queue;
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_everybody", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_everybody");
	if (fchmod(mq, 666) == -1) /* BUG */
		return 1;
	if (fstat(mq, &queue) == -1)
		return 1;
	printf("mode %04o\n", queue.st_mode & 0777);
	return mq_close(mq);
}
