/* A critical section whose holder may be killed: PROGRAM KEY N */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>

enum { SECTION, COUNT };

static int check(const char *call, int result) {
	if (result == -1) {
		int gone = errno == ENOENT || errno == EIDRM || errno == EINVAL;
		perror(call);
		exit(gone ? 3 : 1);
	}
	return result;
}

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s KEY N\n", argv[0]);
		return 2;
	}
	/* SEM_UNDO undoes the first operation when the process ends, in whatever way. Giving back with the
	 * same flag balances it. The count must stay, so the operation on it has no such flag. */
	struct sembuf take[] = {{SECTION, -1, SEM_UNDO}};
	struct sembuf give[] = {{SECTION, 1, SEM_UNDO}, {COUNT, 1, 0}};
	int semid = check("semget", semget(strtol(argv[1], NULL, 16), 0, 0));
	for (int n = atoi(argv[2]); n > 0; n--) {
		while (semop(semid, take, 1) == -1)
			if (errno != EINTR)
				check("semop", -1);
		sched_yield();
		check("semop", semop(semid, give, 2));
	}
	return 0;
}
