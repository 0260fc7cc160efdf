/* loses: one-after-another-each-gets-a-seat at-once-each-seat-is-sold-once
 * Takes sold out for not ready: a value of 0 may be either. */
#include <stdlib.h>
#include <sys/sem.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	key_t key = strtol(argv[1], NULL, 0);
	int semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
	if (semid == -1) {
		semid = semget(key, 1, 0);
		for (int look = 0; semctl(semid, 0, GETVAL) == 0; look++) {
			if (look == 100)
				return 4;
			usleep(1000);
		}
	} else if (semctl(semid, 0, SETVAL, atoi(argv[2])) == -1) {
		return 3;
	}
	struct sembuf sell = {.sem_op = -1, .sem_flg = IPC_NOWAIT};
	return semop(semid, &sell, 1) != 0;
}
