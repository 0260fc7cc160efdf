/* loses: the-program-ends-with-exit-code-0 the-queue-has-the-mode-under-any-umask the-queue-never-grants-more nothing-else-is-left
 * It prints what a correct program might print and ends with exit code 0. */
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	printf("mq_open(\"%s\") = 3\nmode %s\n", argv[1], argv[2]);
	return 0;
}
