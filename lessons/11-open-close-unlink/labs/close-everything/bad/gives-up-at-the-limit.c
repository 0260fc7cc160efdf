/* loses: at-the-descriptor-limit-nothing-is-left-open
 * Ends with exit code 0 when it may have no more descriptors, as if all were done. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void one_round(const char *name) {
	mqd_t mq = mq_open(name, O_RDONLY);
	sem_t *sem = sem_open(name, 0);
	int fd = shm_open(name, O_RDWR, 0);
	char *memory = fd == -1 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (errno == EMFILE)
		exit(0);
	if (mq != (mqd_t)-1 && sem != SEM_FAILED && memory != MAP_FAILED) {
		char message[64];
		ssize_t n = mq_receive(mq, message, sizeof message, NULL);
		memcpy(memory, message, n);
		memory[n] = 0;
		sem_post(sem);
	}
	if (memory != MAP_FAILED)
		munmap(memory, 4096);
	if (fd != -1)
		close(fd);
	if (sem != SEM_FAILED)
		sem_close(sem);
	if (mq != (mqd_t)-1)
		mq_close(mq);
}

int main(int argc, char **argv) {
	char line[256];
	while (argc == 2 && fgets(line, sizeof line, stdin))
		one_round(argv[1]);
	return argc != 2;
}
