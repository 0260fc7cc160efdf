/* loses: a-skipped-round-leaves-nothing-open at-the-descriptor-limit-nothing-is-left-open
 * Closes everything at the end of a round, and nothing where it leaves a round before its end. */
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void one_round(const char *name) {
	mqd_t mq = mq_open(name, O_RDONLY);
	if (mq == (mqd_t)-1)
		return;
	sem_t *sem = sem_open(name, 0);
	if (sem == SEM_FAILED)
		return;
	int fd = shm_open(name, O_RDWR, 0);
	if (fd == -1)
		return;
	char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char message[64];
	ssize_t n = mq_receive(mq, message, sizeof message, NULL);
	memcpy(memory, message, n);
	memory[n] = 0;
	sem_post(sem);
	munmap(memory, 4096);
	close(fd);
	sem_close(sem);
	mq_close(mq);
}

int main(int argc, char **argv) {
	char line[256];
	while (argc == 2 && fgets(line, sizeof line, stdin))
		one_round(argv[1]);
	return argc != 2;
}
