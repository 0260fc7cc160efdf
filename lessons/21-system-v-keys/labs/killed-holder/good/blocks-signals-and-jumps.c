/* Blocks all signals that can be blocked, leaves by longjmp when a call fails, and asks for the set's state first. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>

static jmp_buf out;

static void operate(int semid, struct sembuf *operations, int n) {
	while (semop(semid, operations, n) != 0)
		if (errno != EINTR)
			longjmp(out, errno);
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	int error = setjmp(out);
	if (error != 0) {
		fprintf(stderr, "errno %d\n", error);
		return error == EIDRM || error == EINVAL || error == ENOENT ? 3 : 1;
	}
	unsigned key;
	int n;
	if (sscanf(argv[1], "%x", &key) != 1 || sscanf(argv[2], "%d", &n) != 1)
		return 2;
	int semid = semget((key_t)key, 2, 0);
	if (semid == -1)
		longjmp(out, errno);
	struct semid_ds status;
	if (semctl(semid, 0, IPC_STAT, &status) == -1 || status.sem_nsems < 2)
		longjmp(out, EINVAL);
	struct sembuf operations[3] = {{0, -1, SEM_UNDO}, {0, 1, SEM_UNDO}, {1, 1, 0}};
	do {
		operate(semid, operations, 1);
		sched_yield();
		operate(semid, operations + 1, 2);
	} while (--n > 0);
	return 0;
}
