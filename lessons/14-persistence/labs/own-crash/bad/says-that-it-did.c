/* loses: a-first-run-does-the-work the-next-run-finishes-what-a-killed-one-began a-living-instance-is-left-alone two-at-once-do-the-work-once nothing-else-is-left wrong-usage-is-told
 * It prints what it might have done and ends with exit code 0. */
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	printf("found my leftover %s\n%s orders sent\n", argv[1], argv[2]);
	return 0;
}
