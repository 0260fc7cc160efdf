/* loses: at-once-each-seat-is-sold-once nobody-acts-on-a-set-without-its-value
 * A program that is not the creator pauses for a fifth of a second in poll, and never looks whether the set has its value. */
#include <poll.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>

union semun {
	int val;
	struct semid_ds *buf;
};

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	key_t key = strtol(argv[1], NULL, 0);
	int set = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
	if (set != -1) {
		union semun seats = {.val = atoi(argv[2])};
		semctl(set, 0, SETVAL, seats);
	} else {
		set = semget(key, 1, 0600);
		poll(NULL, 0, 200);
	}
	struct sembuf take = {0, -1, IPC_NOWAIT};
	if (semop(set, &take, 1) == 0)
		return 0;
	struct semid_ds about;
	union semun ask = {.buf = &about};
	semctl(set, 0, IPC_STAT, ask);
	return about.sem_otime ? 1 : 4;
}
