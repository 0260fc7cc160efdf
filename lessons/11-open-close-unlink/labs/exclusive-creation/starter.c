/* Creates a queue, and knows whether it was the one that did: PROGRAM /NAME */
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 2;
	}
	/* TODO: create the queue argv[1]; return 0 if you did, 1 if it was there, 2 if neither. */
	printf("nobody has created %s\n", argv[1]);
	return 3;
}
