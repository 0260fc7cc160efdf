/* loses: the-queue-is-there nothing-else-is-left
 * It prints what a correct program might print and ends with exit code 0. */
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	printf("mq_open(\"%s\") = 3\n", argv[1]);
	return 0;
}
