/* loses: never-two-inside given-back-and-counted-in-one-step nothing-is-left-to-undo who-waits-sleeps-in-semop a-removed-set-ends-it
 * Breaks the lock of a holder that takes long: it could be dead, and could be alive. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <unistd.h>

static int check(int result) {
	if (result == -1)
		exit(errno == ENOENT || errno == EIDRM || errno == EINVAL ? 3 : 1);
	return result;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	struct sembuf take[] = {{0, -1, SEM_UNDO | IPC_NOWAIT}};
	struct sembuf give[] = {{0, 1, SEM_UNDO}, {1, 1, 0}};
	int semid = check(semget(strtol(argv[1], NULL, 16), 0, 0));
	for (int n = atoi(argv[2]); n > 0; n--) {
		for (int looks = 0; semop(semid, take, 1) == -1; looks++) {
			if (errno != EAGAIN)
				check(-1);
			if (looks == 10)
				check(semctl(semid, 0, SETVAL, 1));
			usleep(10000);
		}
		sched_yield();
		check(semop(semid, give, 2));
	}
	return 0;
}
