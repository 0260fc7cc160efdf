/* loses: it-waits-and-signals-do-not-end-that EINTR-leaves-the-deadline
 * Ends when a signal comes. */
#include <errno.h>
#include <mqueue.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wake(int signal) { (void)signal; }

static int code_of(int error) {
	return error == ENOENT ? 3 : error == EACCES ? 4 : error == ETIMEDOUT ? 5 : 1;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	struct sigaction action = {.sa_handler = wake};
	sigaction(SIGUSR1, &action, NULL);
	mqd_t mq = mq_open(argv[1], O_RDONLY);
	if (mq == (mqd_t)-1)
		return code_of(errno);
	static char message[8192];
	struct timespec deadline;
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += atoi(argv[2]);
	ssize_t length = -1;
	struct mq_attr attr;
	int code = 1;
	if (mq_getattr(mq, &attr) == 0) {
			length = mq_timedreceive(mq, message, attr.mq_msgsize, NULL, &deadline);
		code = length == -1 ? code_of(errno) : write(1, message, length) != length;
	}
	mq_close(mq);
	return code;
}
