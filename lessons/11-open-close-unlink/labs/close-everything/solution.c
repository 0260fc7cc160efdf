/* A round for each line of standard input, and nothing left open behind it: PROGRAM /NAME */
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 4096, LONGEST = 64 };

/* One function with a single exit. A handle that is not open has the value that its call returns on failure. */
static void one_round(const char *name) {
	mqd_t mq = mq_open(name, O_RDONLY);
	sem_t *sem = sem_open(name, 0);
	int fd = shm_open(name, O_RDWR, 0);
	char *memory = MAP_FAILED;
	if (fd != -1)
		memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (mq != (mqd_t)-1 && sem != SEM_FAILED && memory != MAP_FAILED) {
		char message[LONGEST];
		ssize_t n = mq_receive(mq, message, sizeof message, NULL);
		if (n >= 0) {
			memcpy(memory, message, n);
			memory[n] = 0;
			sem_post(sem);
		}
	}

	if (memory != MAP_FAILED)
		munmap(memory, SIZE);
	if (fd != -1)
		close(fd);
	if (sem != SEM_FAILED)
		sem_close(sem);
	if (mq != (mqd_t)-1)
		mq_close(mq);
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 2;
	}
	char line[256];
	while (fgets(line, sizeof line, stdin))
		one_round(argv[1]);
	return 0;
}
