/* loses: one-after-another-each-gets-a-seat at-once-each-seat-is-sold-once the-value-is-never-wrong nobody-acts-on-a-set-without-its-value a-killed-creator-keeps-nobody
 * It prints that it has sold a seat and ends with exit code 0. */
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	printf("key %s: 1 of %s seats sold\n", argv[1], argv[2]);
	return 0;
}
