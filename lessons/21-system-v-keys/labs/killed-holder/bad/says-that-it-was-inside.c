/* loses: each-section-is-made-and-counted never-two-inside given-back-and-counted-in-one-step a-killed-holder-lets-the-next-one-in nothing-is-left-to-undo who-waits-sleeps-in-semop EINTR-is-no-permission a-removed-set-ends-it
 * It prints what a correct program might print and ends with exit code 0. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	for (int n = 1; n <= atoi(argv[2]); n++)
		printf("section %d: inside\n", n);
	return 0;
}
