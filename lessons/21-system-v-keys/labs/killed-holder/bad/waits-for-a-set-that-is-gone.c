/* loses: a-removed-set-ends-it
 * Takes EIDRM for a wait that was cut short, and tries again for ever. */
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
	struct sembuf take[] = {{0, -1, SEM_UNDO}};
	struct sembuf give[] = {{0, 1, SEM_UNDO}, {1, 1, 0}};
	int semid = check(semget(strtol(argv[1], NULL, 16), 0, 0));
	for (int n = atoi(argv[2]); n > 0; n--) {
		while (semop(semid, take, 1) == -1)
			if (errno != EINTR && errno != EIDRM && errno != EINVAL)
				check(-1);
		sched_yield();
		check(semop(semid, give, 2));
	}
	return 0;
}
