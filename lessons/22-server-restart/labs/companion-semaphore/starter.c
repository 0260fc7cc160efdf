/* Two numbers in shared memory, and their companion semaphore: PROGRAM SHMKEY SEMKEY N */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <sys/shm.h>

struct numbers {
	unsigned long long count, sum;
};

static void update(volatile struct numbers *numbers) {
	numbers->count++;
	sched_yield();
	numbers->sum += numbers->count;
}

int main(int argc, char **argv) {
	if (argc != 4) {
		fprintf(stderr, "use: %s SHMKEY SEMKEY N\n", argv[0]);
		return 2;
	}
	struct numbers numbers = {0, 0};
	/* TODO: keep the numbers in a segment, and guard them with a semaphore; with N = 0 remove both. */
	for (int i = 0; i < atoi(argv[3]); i++)
		update(&numbers);
	printf("count %lu, sum %lu\n", numbers.count, numbers.sum);
	return 1;
}
