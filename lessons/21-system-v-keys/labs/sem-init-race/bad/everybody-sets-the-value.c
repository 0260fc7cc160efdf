/* loses: one-after-another-each-gets-a-seat at-once-each-seat-is-sold-once the-value-is-never-wrong nobody-acts-on-a-set-without-its-value a-killed-creator-keeps-nobody
 * It sets the value every time, to be sure. */
#include <stdlib.h>
#include <sys/sem.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	int semid = semget(strtol(argv[1], NULL, 0), 1, IPC_CREAT | 0600);
	if (semctl(semid, 0, SETVAL, atoi(argv[2])) == -1)
		return 3;
	struct sembuf sell = {.sem_op = -1, .sem_flg = IPC_NOWAIT};
	return semop(semid, &sell, 1) != 0;
}
