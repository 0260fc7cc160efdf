/* loses: an-empty-queue-is-told each-refusal-has-its-exit-code
 * Has one exit code for whatever fails. */
#include <errno.h>
#include <mqueue.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	signal(SIGUSR1, SIG_IGN);
	mqd_t mq = mq_open(argv[1], O_RDONLY);
	if (mq == (mqd_t)-1)
		return 1;
	static char message[8192];
	struct timespec deadline;
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += atoi(argv[2]);
	ssize_t length = -1;
	struct mq_attr attr;
	int code = 1;
	if (mq_getattr(mq, &attr) == 0) {
		do
			length = mq_timedreceive(mq, message, attr.mq_msgsize, NULL, &deadline);
		while (length == -1 && errno == EINTR);
		code = length == -1 ? 1 : write(1, message, length) != length;
	}
	mq_close(mq);
	return code;
}
