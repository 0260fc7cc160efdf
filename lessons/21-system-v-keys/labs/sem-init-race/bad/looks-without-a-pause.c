/* loses: nobody-acts-on-a-set-without-its-value
 * Looks again and again, as fast as it can. */
#include <stdlib.h>
#include <sys/sem.h>

static int has_value(int semid) {
	struct semid_ds ds;
	return semctl(semid, 0, IPC_STAT, &ds) == 0 && ds.sem_otime != 0;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	key_t key = strtol(argv[1], NULL, 0);
	int semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
	if (semid == -1) {
		semid = semget(key, 1, 0);
		for (int look = 0; !has_value(semid); look++)
			if (look == 1000)
				return 4;
	} else {
		struct sembuf open = {.sem_op = atoi(argv[2])};
		semop(semid, &open, 1);
	}
	struct sembuf sell = {.sem_op = -1, .sem_flg = IPC_NOWAIT};
	return semop(semid, &sell, 1) != 0;
}
