/* A worker thread creates the queue after a nap, while the main thread waits on a condition; it is verbose. */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static enum { WANTED, MADE, FAILED } state = WANTED;
static char **arguments;

static void *work(void *nothing) {
	usleep(50000);
	mode_t mode = strtol(arguments[2], NULL, 8);
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	fprintf(stderr, "worker: mq_open(%s, %04o)\n", arguments[1], mode);
	mode_t before = umask(0);
	mqd_t mq = mq_open(arguments[1], O_CREAT | O_EXCL | O_RDWR, mode, &attr);
	umask(before);
	fprintf(stderr, "worker: mq_open returns %d\n", mq);
	pthread_mutex_lock(&mutex);
	state = mq == (mqd_t)-1 ? FAILED : MADE;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
	return nothing;
}

int main(int argc, char **argv) {
	arguments = argv;
	pthread_t worker;
	if (argc != 3 || pthread_create(&worker, NULL, work, NULL) != 0)
		return 2;
	pthread_mutex_lock(&mutex);
	while (state == WANTED)
		pthread_cond_wait(&changed, &mutex);
	return state == FAILED;
}
