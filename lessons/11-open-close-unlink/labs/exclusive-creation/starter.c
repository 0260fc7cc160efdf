/* Creates a queue, and reports whether this process was the one that created it: PROGRAM /NAME */
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 2;
	}
	/* TODO: create the queue argv[1]; return 0 if this process created it, 1 if it existed, 2 if neither. */
	printf("nobody has created %s\n", argv[1]);
	return 3;
}
