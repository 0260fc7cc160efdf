/* loses: a-skipped-round-uses-nothing
 * Takes the message before it knows that it can do something with it. */
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
	char message[64];
	ssize_t n = mq_receive(mq, message, sizeof message, NULL);
	mq_close(mq);
	sem_t *sem = sem_open(name, 0);
	if (sem == SEM_FAILED)
		return;
	int fd = shm_open(name, O_RDWR, 0);
	if (fd != -1) {
		char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		memcpy(memory, message, n);
		memory[n] = 0;
		munmap(memory, 4096);
		close(fd);
		sem_post(sem);
	}
	sem_close(sem);
}

int main(int argc, char **argv) {
	char line[256];
	while (argc == 2 && fgets(line, sizeof line, stdin))
		one_round(argv[1]);
	return argc != 2;
}
