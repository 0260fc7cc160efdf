/* Receives messages until a deadline: PROGRAM /NAME MILLISECONDS */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	if (argc < 3) {
		fprintf(stderr, "use: %s /NAME MILLISECONDS\n", argv[0]);
		return 1;
	}
	long milliseconds = atol(argv[2]);
	/* TODO: receive messages from the queue argv[1] and write them, until the milliseconds are over. */
	printf("%s should be read for %ld milliseconds\n", argv[1], milliseconds);
	return 1;
}
