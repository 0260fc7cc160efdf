/* Sells one of SEATS seats, which a semaphore counts: PROGRAM KEY SEATS */
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>

union semun { /* semctl(2): the calling program must define it */
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s KEY SEATS\n", argv[0]);
		return 2;
	}
	key_t key = strtol(argv[1], NULL, 0);
	int seats = strtol(argv[2], NULL, 10);
	/* TODO: find or create the set, be sure that it has its value, and sell a seat. */
	printf("the set with key %d is to begin with %d seats\n", key, seats);
	return 3;
}
