/* Receives one message and handles every answer of the queue: PROGRAM /NAME SECONDS */
#include <errno.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RECEIVED, TROUBLE, USAGE, NO_QUEUE, REFUSED, NOTHING };

/* Says what failed, and which exit code that is. */
static int answer(const char *call, int error) {
	errno = error;
	perror(call);
	switch (error) {
	case ENOENT:
		return NO_QUEUE;
	case EACCES:
		return REFUSED;
	case ETIMEDOUT:
	case EAGAIN:
		return NOTHING;
	default:
		return TROUBLE;
	}
}

static int receive(mqd_t mq, time_t seconds) {
	struct mq_attr attr;
	if (mq_getattr(mq, &attr) == -1)
		return answer("mq_getattr", errno);
	char *message = malloc(attr.mq_msgsize);
	if (message == NULL)
		return answer("malloc", errno);
	/* A moment, and not a duration: once more with the same one is not longer. */
	struct timespec deadline;
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += seconds;
	ssize_t length;
	do
		length = mq_timedreceive(mq, message, attr.mq_msgsize, NULL, &deadline);
	while (length == -1 && errno == EINTR);
	int code = RECEIVED;
	if (length == -1)
		code = answer("mq_timedreceive", errno);
	else if (fwrite(message, 1, length, stdout) != (size_t)length || fflush(stdout) == EOF)
		code = answer("write", errno);
	free(message);
	return code;
}

static void wake(int signal) { (void)signal; }

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s /NAME SECONDS\n", argv[0]);
		return USAGE;
	}
	/* Without SA_RESTART: a signal is seen as EINTR, and the loop is put to use. */
	struct sigaction action = {.sa_handler = wake};
	sigaction(SIGUSR1, &action, NULL);
	mqd_t mq = mq_open(argv[1], O_RDONLY);
	if (mq == (mqd_t)-1)
		return answer("mq_open", errno);
	int code = receive(mq, strtol(argv[2], NULL, 10));
	mq_close(mq);
	return code;
}
