/* The others sleep in semtimedop until a second semaphore says that the set is ready: two seconds at most, and no look is needed. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/sem.h>

enum { FREE, READY };

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	key_t key = strtol(argv[1], NULL, 0);
	int semid = semget(key, 2, IPC_CREAT | IPC_EXCL | 0600);
	if (semid != -1) {
		struct sembuf open[] = {{FREE, strtol(argv[2], NULL, 0), 0}, {READY, 1, 0}};
		if (semop(semid, open, 2) == -1)
			return 3;
	} else if ((semid = semget(key, 2, 0)) == -1) {
		return 3;
	}
	/* Takes the flag, and gives it back at once: all others find it, too. */
	struct sembuf ready[] = {{READY, -1, 0}, {READY, 1, 0}};
	const struct timespec two_seconds = {.tv_sec = 2};
	while (semtimedop(semid, ready, 2, &two_seconds) == -1) {
		if (errno == EAGAIN)
			return 4;
		if (errno != EINTR)
			return 3;
	}
	struct sembuf sell = {FREE, -1, IPC_NOWAIT};
	return semop(semid, &sell, 1) == 0 ? 0 : 1;
}
