/* Two threads of a pool wait at a condition all the time, and have nothing to do. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work_came = PTHREAD_COND_INITIALIZER;

static void *idle(void *unused) {
	pthread_mutex_lock(&mutex);
	for (;;)
		pthread_cond_wait(&work_came, &mutex);
	return unused;
}

static int receive(mqd_t mq) {
	char text[65];
	ssize_t n;
	while ((n = mq_receive(mq, text, 64, NULL)) == -1)
		if (errno != EINTR)
			return 254;
	text[n] = 0;
	return atoi(text);
}

int main(int argc, char **argv) {
	for (int i = 0; i < 2; i++) {
		pthread_t thread;
		pthread_create(&thread, NULL, idle, NULL);
	}
	if (argc == 3 && strcmp(argv[1], "--receive") == 0)
		return receive(atoi(argv[2]));
	if (argc != 2)
		return 2;
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink(argv[1]);
	fcntl(mq, F_SETFD, 0);
	char number[16], line[80];
	snprintf(number, sizeof number, "%d", mq);
	pid_t child = fork();
	if (child == 0) {
		execl("/proc/self/exe", argv[0], "--receive", number, NULL);
		_exit(253);
	}
	if (!fgets(line, sizeof line, stdin))
		return 1;
	mq_send(mq, line, strcspn(line, "\n"), 0);
	int status;
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}
