/* loses: at-once-each-seat-is-sold-once nobody-acts-on-a-set-without-its-value a-killed-creator-keeps-nobody
 * Sleeps for a second, which has always been enough. */
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
		sleep(1);
	} else if (semctl(semid, 0, SETVAL, atoi(argv[2])) == -1) {
		return 3;
	}
	struct sembuf sell = {.sem_op = -1, .sem_flg = IPC_NOWAIT};
	return semop(semid, &sell, 1) != 0;
}
