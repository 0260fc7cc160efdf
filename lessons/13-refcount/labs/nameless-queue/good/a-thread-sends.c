/* A thread reads and sends, another one waits for the child, and both sleep a while before; the main thread joins them. */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static mqd_t mq;
static pid_t child;
static int status;

static void *send_number(void *unused) {
	char line[64];
	usleep(30000);
	if (fgets(line, sizeof line, stdin))
		mq_send(mq, line, strcspn(line, "\n"), 0);
	return unused;
}

static void *wait_for_child(void *unused) {
	usleep(10000);
	waitpid(child, &status, 0);
	return unused;
}

static void *receive(void *unused) {
	char text[64] = {0};
	mq_receive(mq, text, sizeof text, NULL);
	exit(atoi(text));
	return unused;
}

int main(int argc, char **argv) {
	pthread_t one, other;
	if (argc == 3) {
		mq = atoi(argv[2]);
		pthread_create(&one, NULL, receive, NULL);
		pthread_join(one, NULL);
	}
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink(argv[1]);
	char number[16];
	snprintf(number, sizeof number, "%d", dup(mq)); /* which is not closed on exec */
	child = fork();
	if (child == 0)
		execl("/proc/self/exe", argv[0], "the child's descriptor is", number, (char *)NULL);
	pthread_create(&one, NULL, send_number, NULL);
	pthread_create(&other, NULL, wait_for_child, NULL);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	return WEXITSTATUS(status);
}
