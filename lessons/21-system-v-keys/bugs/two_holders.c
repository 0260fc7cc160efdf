/* Two programs share a lock. The program that creates the set sets its value to 1. */
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>

union semun {
	int val;
};

static int takes_the_lock(key_t key) {
	struct sembuf take = {0, -1, IPC_NOWAIT};
	int semid = semget(key, 1, IPC_CREAT | 0600); /* BUG */
	if (semid != -1)
		semctl(semid, 0, SETVAL, (union semun){.val = 1});
	else
		semid = semget(key, 1, 0600);
	return semop(semid, &take, 1) == 0;
}

int main(void) {
	key_t key = 0x1234567;
	int first = takes_the_lock(key);
	int second = takes_the_lock(key);
	printf("holders: %d\n", first + second);
	return semctl(semget(key, 1, 0600), 0, IPC_RMID);
}
