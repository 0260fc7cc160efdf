/* loses: never-two-inside given-back-and-counted-in-one-step who-waits-sleeps-in-semop EINTR-is-no-permission a-removed-set-ends-it
 * Counts its sections, and does not take the semaphore. */
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
	struct sembuf give[] = {{1, 1, 0}};
	int semid = check(semget(strtol(argv[1], NULL, 16), 0, 0));
	for (int n = atoi(argv[2]); n > 0; n--) {
		sched_yield();
		check(semop(semid, give, 1));
	}
	return 0;
}
