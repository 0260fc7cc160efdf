/* loses: no-descriptor-of-the-queue-is-left no-descriptor-of-the-memory-is-left a-skipped-round-leaves-nothing-open
 * Its work is done by a thread that has descriptors of its own, and closes none of them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 4096, LONGEST = 64 };

static const char *name;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int asked;

static void one_round(void) {
	mqd_t mq = mq_open(name, O_RDONLY);
	sem_t *sem = sem_open(name, 0);
	int fd = shm_open(name, O_RDWR, 0);
	char *memory = MAP_FAILED, message[LONGEST];
	if (fd != -1)
		memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mq != (mqd_t)-1 && sem != SEM_FAILED && memory != MAP_FAILED) {
		ssize_t n = mq_receive(mq, message, sizeof message, NULL);
		if (n >= 0) {
			memcpy(memory, message, n);
			memory[n] = 0;
			sem_post(sem);
		}
	}
	if (memory != MAP_FAILED)
		munmap(memory, SIZE);
	if (sem != SEM_FAILED)
		sem_close(sem);
}

static void *work(void *unused) {
	unshare(CLONE_FILES);
	pthread_mutex_lock(&mutex);
	for (;;) {
		while (!asked)
			pthread_cond_wait(&changed, &mutex);
		one_round();
		asked = 0;
		pthread_cond_broadcast(&changed);
	}
	return unused;
}

int main(int argc, char **argv) {
	pthread_t thread;
	if (argc != 2)
		return 2;
	name = argv[1];
	pthread_create(&thread, NULL, work, NULL);
	char line[256];
	while (fgets(line, sizeof line, stdin)) {
		pthread_mutex_lock(&mutex);
		asked = 1;
		pthread_cond_broadcast(&changed);
		while (asked)
			pthread_cond_wait(&changed, &mutex);
		pthread_mutex_unlock(&mutex);
	}
	return 0;
}
