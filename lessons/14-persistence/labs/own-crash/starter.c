/* Puts the orders 1 to COUNT on a queue, each once, however often it is killed: PROGRAM /NAME COUNT */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s /NAME COUNT\n", argv[0]);
		return 2;
	}
	long count = strtol(argv[2], NULL, 10);
	/* TODO: find or create the queue argv[1]; find out whether a living instance works on it; finish. */
	printf("%s should have %ld orders\n", argv[1], count);
	return 1;
}
