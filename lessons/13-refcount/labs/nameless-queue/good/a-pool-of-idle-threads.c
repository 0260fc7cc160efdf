/* Has a pool of two threads that never get any work, and a third that looks after them each 10 ms, as a
 * runtime has them before main begins. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_work = PTHREAD_COND_INITIALIZER;

static void *wait_for_work(void *unused) {
	pthread_mutex_lock(&mutex);
	for (;;)
		pthread_cond_wait(&has_work, &mutex);
	return unused;
}

static void *look_after_them(void *unused) {
	for (;;)
		usleep(10000);
	return unused;
}

__attribute__((constructor)) static void start_threads(void) {
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pthread_t thread;
	pthread_create(&thread, NULL, wait_for_work, NULL);
	pthread_create(&thread, NULL, wait_for_work, NULL);
	pthread_create(&thread, NULL, look_after_them, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int receive(mqd_t mq) {
	char text[65];
	ssize_t length;
	while ((length = mq_receive(mq, text, 64, NULL)) == -1)
		if (errno != EINTR)
			return 254;
	text[length] = 0;
	return atoi(text);
}

int main(int argc, char **argv) {
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
	pid_t child = fork();
	if (child == 0) {
		char number[12];
		sprintf(number, "%d", mq);
		execl("/proc/self/exe", argv[0], "--receive", number, (char *)NULL);
		_exit(253);
	}
	char line[70];
	if (child == -1 || fgets(line, sizeof line, stdin) == NULL)
		return 1;
	line[strcspn(line, "\n")] = 0;
	if (mq_send(mq, line, strlen(line), 0) == -1)
		return 1;
	int status;
	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			return 1;
	return WEXITSTATUS(status);
}
