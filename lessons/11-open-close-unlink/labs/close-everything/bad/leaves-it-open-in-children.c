/* loses: no-descriptor-of-the-queue-is-left no-descriptor-of-the-memory-is-left no-mapping-of-the-memory-is-left no-semaphore-is-left-open
 * Each round is made by a child, which waits for ever afterwards: the parent has nothing open. */
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 4096, LONGEST = 64 };

static int one_round(const char *name) {
	mqd_t mq = mq_open(name, O_RDONLY);
	sem_t *sem = sem_open(name, 0);
	int fd = shm_open(name, O_RDWR, 0);
	if (mq == (mqd_t)-1 || sem == SEM_FAILED || fd == -1)
		return 0;
	char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), message[LONGEST];
	ssize_t n = mq_receive(mq, message, sizeof message, NULL);
	if (n < 0)
		return 0;
	memcpy(memory, message, n);
	memory[n] = 0;
	return sem_post(sem) == 0;
}

int main(int argc, char **argv) {
	char line[256];
	while (argc == 2 && fgets(line, sizeof line, stdin)) {
		int ends[2];
		if (pipe(ends) == -1)
			continue;
		if (fork() == 0) {
			close(ends[0]);
			if (!one_round(argv[1]))
				_exit(0);
			close(ends[1]);
			for (;;)
				pause();
		}
		close(ends[1]);
		read(ends[0], line, 1);
		close(ends[0]);
	}
	return 0;
}
