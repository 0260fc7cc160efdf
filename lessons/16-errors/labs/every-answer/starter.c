/* Receives one message and handles every answer of the queue: PROGRAM /NAME SECONDS */
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s /NAME SECONDS\n", argv[0]);
		return 2;
	}
	/* TODO: open the queue, wait for a message until the deadline, write it, and close the queue. */
	fprintf(stderr, "%s may have a message within %s seconds\n", argv[1], argv[2]);
	return 6;
}
