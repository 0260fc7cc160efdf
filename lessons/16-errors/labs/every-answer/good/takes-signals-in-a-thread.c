/* SIGUSR1 is blocked everywhere, and a thread of its own takes it with sigwaitinfo: no handler runs at all. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static sigset_t signals;

static void *take_signals(void *unused) {
	for (;;)
		if (sigwaitinfo(&signals, NULL) == SIGUSR1)
			fprintf(stderr, "SIGUSR1 came, and is no answer\n");
	return unused;
}

static int told(const char *call, mqd_t mq) {
	int error = errno;
	perror(call);
	if (mq != (mqd_t)-1)
		mq_close(mq);
	switch (error) {
	case ENOENT: return 3;
	case EACCES: return 4;
	case EAGAIN:
	case ETIMEDOUT: return 5;
	default: return 1;
	}
}

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: PROGRAM /NAME SECONDS\n");
		return 2;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	pthread_t thread;
	pthread_create(&thread, NULL, take_signals, NULL);
	struct timespec deadline;
	timespec_get(&deadline, TIME_UTC);
	deadline.tv_sec += atol(argv[2]);
	mqd_t mq = mq_open(argv[1], O_RDONLY | O_CLOEXEC);
	struct mq_attr attr;
	if (mq == (mqd_t)-1)
		return told("mq_open", mq);
	if (mq_getattr(mq, &attr) == -1)
		return told("mq_getattr", mq);
	char buffer[attr.mq_msgsize];
	ssize_t length;
	while ((length = mq_timedreceive(mq, buffer, attr.mq_msgsize, NULL, &deadline)) == -1)
		if (errno != EINTR)
			return told("mq_timedreceive", mq);
	mq_close(mq);
	setvbuf(stdout, NULL, _IONBF, 0);
	return fwrite(buffer, length, length > 0, stdout) == (size_t)(length > 0) ? 0 : 1;
}
