/* semtimedop, a second at a time, says on standard error that it waits; a table of operations, and sleeps outside the section. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <unistd.h>

enum { GONE = 3 };
static struct sembuf enter[] = {{.sem_num = 0, .sem_op = -1, .sem_flg = SEM_UNDO}};
static struct sembuf leave[] = {{.sem_num = 1, .sem_op = 1}, {.sem_num = 0, .sem_op = 1, .sem_flg = SEM_UNDO}};

static int perform(int semid, struct sembuf *operations, size_t n) {
	const struct timespec second = {.tv_sec = 1};
	for (int waited = 0;; waited++) {
		if (semtimedop(semid, operations, n, &second) == 0)
			return 0;
		switch (errno) {
		case EAGAIN:
			fprintf(stderr, "%d s, and somebody is inside still\n", waited + 1);
			break;
		case EINTR:
			fprintf(stderr, "interrupted\n");
			break;
		default:
			perror("semtimedop");
			return GONE;
		}
	}
}

int main(int argc, char **argv) {
	if (argc < 3)
		return 2;
	key_t key = strtoll(argv[1], NULL, 16);
	int semid = semget(key, 0, 0);
	if (semid == -1) {
		fprintf(stderr, "no set with the key %#x\n", key);
		return GONE;
	}
	for (unsigned long left = strtoul(argv[2], NULL, 10); left-- > 0;) {
		usleep(100);
		int code = perform(semid, enter, 1);
		if (code != 0)
			return code;
		sched_yield();
		code = perform(semid, leave, 2);
		if (code != 0)
			return code;
	}
	return 0;
}
