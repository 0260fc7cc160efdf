/* The creator sets the value with semop; the others look at sem_otime, and pause with select between two looks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/sem.h>

union semun {
	int val;
	struct semid_ds *buf;
};

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	key_t key = atol(argv[1]);
	int semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
	if (semid >= 0) {
		struct sembuf add = {0, atoi(argv[2]), 0};
		if (semop(semid, &add, 1) == -1)
			return 3;
	} else {
		struct semid_ds status = {0};
		semid = semget(key, 0, 0);
		for (int look = 0; look < 200; look++) {
			if (semctl(semid, 0, IPC_STAT, (union semun){.buf = &status}) == -1)
				return 3;
			if (status.sem_otime != 0)
				break;
			select(0, NULL, NULL, NULL, &(struct timeval){.tv_usec = 10000});
		}
		if (status.sem_otime == 0)
			return 4;
	}
	struct sembuf sell = {0, -1, IPC_NOWAIT};
	return semop(semid, &sell, 1) == -1;
}
