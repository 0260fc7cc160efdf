/* The main thread reads lines, and a worker thread does the rounds; they meet at two semaphores of their own. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *name;
static sem_t wanted, done;

static void one_round(void) {
	mqd_t mq = mq_open(name, O_RDONLY);
	if (mq == (mqd_t)-1)
		goto nothing;
	sem_t *sem = sem_open(name, 0);
	if (sem == SEM_FAILED)
		goto queue;
	int fd = shm_open(name, O_RDWR, 0);
	if (fd == -1)
		goto semaphore;
	char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		goto semaphore;
	char message[65];
	ssize_t n = mq_receive(mq, message, 64, NULL);
	if (n >= 0) {
		message[n] = 0;
		memcpy(memory, message, n + 1);
		sem_post(sem);
	}
	munmap(memory, 4096);
semaphore:
	sem_close(sem);
queue:
	mq_close(mq);
nothing:
	fprintf(stderr, "round done\n");
}

static void *work(void *unused) {
	for (;;) {
		sem_wait(&wanted);
		one_round();
		sem_post(&done);
	}
	return unused;
}

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	name = argv[1];
	sem_init(&wanted, 0, 0);
	sem_init(&done, 0, 0);
	pthread_t worker;
	pthread_create(&worker, NULL, work, NULL);
	char *line = NULL;
	size_t size = 0;
	while (getline(&line, &size, stdin) != -1) {
		sem_post(&wanted);
		sem_wait(&done);
	}
	return 0;
}
