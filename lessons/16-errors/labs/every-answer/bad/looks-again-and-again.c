/* loses: it-waits-and-signals-do-not-end-that EINTR-leaves-the-deadline
 * Asks each millisecond whether there is something, in place of waiting. */
#include <errno.h>
#include <mqueue.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int code_of(int error) {
	return error == ENOENT ? 3 : error == EACCES ? 4 : error == ETIMEDOUT ? 5 : 1;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	signal(SIGUSR1, SIG_IGN);
	mqd_t mq = mq_open(argv[1], O_RDONLY | O_NONBLOCK);
	if (mq == (mqd_t)-1)
		return code_of(errno);
	static char message[8192];
	struct mq_attr attr;
	int code = 1;
	if (mq_getattr(mq, &attr) == 0) {
		ssize_t length;
		int looks = 1000 * atoi(argv[2]);
		while ((length = mq_receive(mq, message, attr.mq_msgsize, NULL)) == -1 && (errno == EAGAIN || errno == EINTR)) {
			if (looks-- == 0)
				break;
			usleep(1000);
		}
		code = length >= 0 ? write(1, message, length) != length : errno == EAGAIN ? 5 : 1;
	}
	mq_close(mq);
	return code;
}
