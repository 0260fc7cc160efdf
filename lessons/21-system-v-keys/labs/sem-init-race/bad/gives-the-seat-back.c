/* loses: one-after-another-each-gets-a-seat at-once-each-seat-is-sold-once the-value-is-never-wrong nobody-acts-on-a-set-without-its-value a-killed-creator-keeps-nobody
 * Takes the seat with SEM_UNDO, so that it is free again when the program ends. */
#include <stdlib.h>
#include <sys/sem.h>
#include <unistd.h>

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
		for (int look = 0; !has_value(semid); look++) {
			if (look == 100)
				return 4;
			usleep(1000);
		}
	} else {
		struct sembuf open = {.sem_op = atoi(argv[2])};
		semop(semid, &open, 1);
	}
	struct sembuf sell = {.sem_op = -1, .sem_flg = IPC_NOWAIT | SEM_UNDO};
	return semop(semid, &sell, 1) != 0;
}
