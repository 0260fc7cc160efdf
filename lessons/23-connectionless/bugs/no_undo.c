/* A worker takes a lock and is killed. The lock should then be free for the next worker. */
#include <signal.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

static void work(int semid) {
	struct sembuf take = {0, -1, 0}; /* BUG */
	semop(semid, &take, 1);
	raise(SIGKILL);
}

int main(void) {
	struct sembuf free_it = {0, 1, 0};
	int semid = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	if (semid == -1 || semop(semid, &free_it, 1) == -1)
		return 1;
	if (fork() == 0)
		work(semid);
	wait(NULL);
	printf("the lock is %s\n", semctl(semid, 0, GETVAL) == 1 ? "free" : "taken for ever");
	return semctl(semid, 0, IPC_RMID);
}
