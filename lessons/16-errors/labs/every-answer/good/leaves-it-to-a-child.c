/* A child receives and writes, and the parent waits for it: SIGUSR1 to the parent only interrupts wait. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int failed(int error) {
	return error == ENOENT ? 3 : error == EACCES ? 4 : error == ETIMEDOUT ? 5 : 1;
}

static int child(const char *name, long seconds) {
	struct mq_attr attr;
	struct timespec deadline;
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += seconds;
	mqd_t mq = mq_open(name, O_RDONLY);
	if (mq == (mqd_t)-1)
		return failed(errno);
	int code = 0;
	if (mq_getattr(mq, &attr) == -1) {
		code = failed(errno);
	} else {
		char *buffer = malloc(attr.mq_msgsize);
		ssize_t n = TEMP_FAILURE_RETRY(mq_timedreceive(mq, buffer, attr.mq_msgsize, NULL, &deadline));
		if (n == -1)
			code = failed(errno);
		else if (n > 0 && write(1, buffer, n) != n)
			code = 1;
	}
	mq_close(mq);
	return code;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	/* It keeps across fork, and across exec too. */
	signal(SIGUSR1, SIG_IGN);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		_exit(child(argv[1], atol(argv[2])));
	}
	int status;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
