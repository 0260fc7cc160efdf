/* A critical section whose holder may be killed: PROGRAM KEY N */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s KEY N\n", argv[0]);
		return 2;
	}
	for (int n = atoi(argv[2]); n > 0; n--) {
		/* TODO: take semaphore 0 of the set with the key argv[1] before the work; afterwards give it back, and count. */
		printf("%d more sections\n", n);
	}
	return 1;
}
