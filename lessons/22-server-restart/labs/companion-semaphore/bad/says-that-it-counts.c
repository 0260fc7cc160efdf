/* loses: no-update-is-lost who-gets-in-sees-whole-updates the-value-is-never-above-1 both-objects-are-for-their-user-alone who-waits-sleeps-in-semop EINTR-is-no-permission after-a-kill-nobody-waits-for-ever after-a-kill-the-other-one-goes-on removed-in-the-right-order
 * It prints what a correct program might print and ends with exit code 0. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	unsigned long n = atoi(argv[3]);
	printf("count %lu, sum %lu\n", n, n * (n + 1) / 2);
	return 0;
}
