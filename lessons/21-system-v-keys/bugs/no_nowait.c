/* A child tries to take a lock that is taken. If it cannot, it should go on with other work. */
#include <errno.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

static int try_to_take(int semid) {
	return semop(semid, &(struct sembuf){0, -1, 0}, 1) == -1 && errno == EAGAIN; /* BUG */
}

int main(void) {
	int status = 0, waiters = 0;
	int semid = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	if (semid == -1)
		return 1;
	pid_t child = fork();
	if (child == 0)
		_exit(try_to_take(semid));
	while (waiters == 0 && waitpid(child, &status, WNOHANG) == 0)
		waiters = semctl(semid, 0, GETNCNT);
	puts(waiters > 0 ? "the child waits" : "the child does other work");
	semctl(semid, 0, IPC_RMID);
	wait(NULL);
	return 0;
}
