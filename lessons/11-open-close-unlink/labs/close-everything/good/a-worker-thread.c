/* The first thread reads the lines; a worker thread makes the rounds. They talk through two pipes, so the
 * first one also waits in read where it does not wait for a line. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *name;
static int orders[2], answers[2];

static void with_all(mqd_t mq, sem_t *sem, int fd) {
	char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return;
	char text[8192];
	ssize_t length;
	while ((length = mq_receive(mq, text, sizeof text - 1, NULL)) == -1 && errno == EINTR)
		;
	if (length != -1) {
		memcpy(memory, text, length);
		memory[length] = 0;
		sem_post(sem);
	}
	munmap(memory, 4096);
}

static void one_round(void) {
	mqd_t mq = mq_open(name, O_RDONLY);
	if (mq == (mqd_t)-1)
		return;
	sem_t *sem = sem_open(name, 0);
	if (sem != SEM_FAILED) {
		int fd = shm_open(name, O_RDWR, 0);
		if (fd != -1) {
			with_all(mq, sem, fd);
			close(fd);
		}
		sem_close(sem);
	}
	mq_close(mq);
}

static void *work(void *unused) {
	char order;
	while (read(orders[0], &order, 1) == 1) {
		one_round();
		if (write(answers[1], "", 1) != 1)
			break;
	}
	return unused;
}

int main(int argc, char **argv) {
	char line[100], answer;
	pthread_t thread;
	if (argc != 2 || pipe(orders) == -1 || pipe(answers) == -1)
		return 1;
	name = argv[1];
	if (pthread_create(&thread, NULL, work, NULL) != 0)
		return 1;
	while (fgets(line, sizeof line, stdin) != NULL)
		if (write(orders[1], "", 1) != 1 || read(answers[0], &answer, 1) != 1)
			return 1;
	return 0;
}
