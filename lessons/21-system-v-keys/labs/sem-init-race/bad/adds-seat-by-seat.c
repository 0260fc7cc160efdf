/* loses: at-once-each-seat-is-sold-once the-value-is-never-wrong a-killed-creator-keeps-nobody
 * Sets the value by one semop for each seat. The first one says already that the set is ready. */
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
		struct sembuf seat = {.sem_op = 1};
		for (int seats = atoi(argv[2]); seats > 0; seats--)
			semop(semid, &seat, 1);
	}
	struct sembuf sell = {.sem_op = -1, .sem_flg = IPC_NOWAIT};
	return semop(semid, &sell, 1) != 0;
}
