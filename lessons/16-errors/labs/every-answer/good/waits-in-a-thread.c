/* A thread of its own waits for the message; the first thread joins it, and has the exit code from it. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct job {
	mqd_t mq;
	struct timespec deadline;
	char *buffer;
	long size;
	ssize_t length;
	int error;
};

static int code_of(int error) {
	return error == ENOENT ? 3 : error == EACCES ? 4 : error == ETIMEDOUT || error == EAGAIN ? 5 : 1;
}

static void *receive(void *argument) {
	struct job *job = argument;
	do {
		job->length = mq_timedreceive(job->mq, job->buffer, job->size, NULL, &job->deadline);
		job->error = errno;
	} while (job->length == -1 && job->error == EINTR);
	return NULL;
}

static void nothing(int signal) { (void)signal; }

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	struct job job;
	clock_gettime(CLOCK_REALTIME, &job.deadline);
	job.deadline.tv_sec += strtol(argv[2], NULL, 10);
	signal(SIGUSR1, nothing);
	job.mq = mq_open(argv[1], O_RDONLY);
	if (job.mq == -1)
		return code_of(errno);
	struct mq_attr attr;
	if (mq_getattr(job.mq, &attr) == -1) {
		int code = code_of(errno);
		mq_close(job.mq);
		return code;
	}
	job.size = attr.mq_msgsize;
	job.buffer = malloc(job.size);
	pthread_t thread;
	if (pthread_create(&thread, NULL, receive, &job) != 0)
		return 1;
	pthread_join(thread, NULL);
	mq_close(job.mq);
	if (job.length == -1)
		return code_of(job.error);
	for (ssize_t written = 0; written < job.length;) {
		ssize_t n = write(STDOUT_FILENO, job.buffer + written, job.length - written);
		if (n == -1)
			return 1;
		written += n;
	}
	return 0;
}
