/* A pool of four threads: one takes the work from a queue of jobs, and the others are idle. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t job_came = PTHREAD_COND_INITIALIZER, job_done = PTHREAD_COND_INITIALIZER;
static const char *job;
static int result = -1;

static int create(const char *name) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 32};
	mqd_t mq = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	int error = mq == (mqd_t)-1 ? errno : 0;
	if (error && error != EEXIST)
		fprintf(stderr, "%s: %s\n", name, strerror(error));
	return error == 0 ? 0 : error == EEXIST ? 1 : 2;
}

static void *work(void *nothing) {
	pthread_mutex_lock(&mutex);
	for (;;) {
		while (!job)
			pthread_cond_wait(&job_came, &mutex);
		const char *mine = job;
		job = NULL;
		pthread_mutex_unlock(&mutex);
		int created = create(mine);
		pthread_mutex_lock(&mutex);
		result = created;
		pthread_cond_signal(&job_done);
	}
	return nothing;
}

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	for (int i = 0; i < 4; i++) {
		pthread_t thread;
		pthread_create(&thread, NULL, work, NULL);
	}
	pthread_mutex_lock(&mutex);
	job = argv[1];
	pthread_cond_signal(&job_came);
	while (result == -1)
		pthread_cond_wait(&job_done, &mutex);
	return result;
}
