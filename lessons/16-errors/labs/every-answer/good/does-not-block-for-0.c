/* With 0 seconds the queue is opened with O_NONBLOCK and read by mq_receive; SA_RESTART, setjmp for errors, and a byte at a time. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static jmp_buf failed;
static mqd_t mq = -1;

static long check(long result) {
	if (result == -1 && errno != EINTR)
		longjmp(failed, errno);
	return result;
}

static void on_signal(int signal) { (void)signal; }

static int run(const char *name, long seconds) {
	struct timespec deadline;
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += seconds;
	mq = check(mq_open(name, seconds == 0 ? O_RDONLY | O_NONBLOCK : O_RDONLY));
	struct mq_attr attr;
	check(mq_getattr(mq, &attr));
	static char buffer[1 << 24];
	long length;
	do
		length = check(seconds == 0 ? mq_receive(mq, buffer, attr.mq_msgsize, NULL)
		                            : mq_timedreceive(mq, buffer, attr.mq_msgsize, NULL, &deadline));
	while (length == -1);
	check(mq_close(mq));
	mq = -1;
	usleep(50000);
	for (long at = 0; at < length; at++)
		check(write(STDOUT_FILENO, buffer + at, 1));
	return 0;
}

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "two arguments, please\n");
		exit(2);
	}
	sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal, .sa_flags = SA_RESTART}, NULL);
	int error = setjmp(failed);
	if (error == 0)
		return run(argv[1], strtol(argv[2], NULL, 10));
	fprintf(stderr, "error %d\n", error);
	if (mq != -1)
		mq_close(mq);
	return error == ENOENT ? 3 : error == EACCES ? 4 : error == ETIMEDOUT || error == EAGAIN ? 5 : 1;
}
