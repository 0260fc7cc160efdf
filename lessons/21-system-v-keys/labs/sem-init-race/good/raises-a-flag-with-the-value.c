/* Nobody waits: a second semaphore is 0 until the first has its value, and one semop does both, or nothing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>

enum { SEATS, READY };

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	int semid = semget(strtol(argv[1], NULL, 10), 2, IPC_CREAT | 0600);
	if (semid == -1) {
		perror("semget");
		return 3;
	}
	struct sembuf first[] = {{READY, 0, IPC_NOWAIT}, {READY, 1, 0}, {SEATS, atoi(argv[2]), 0}};
	if (semop(semid, first, 3) == -1 && errno != EAGAIN)
		return 3;
	struct sembuf sell = {SEATS, -1, IPC_NOWAIT};
	if (semop(semid, &sell, 1) == 0)
		return 0;
	return errno == EAGAIN ? 1 : 3;
}
