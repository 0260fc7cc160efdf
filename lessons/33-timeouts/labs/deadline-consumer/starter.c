/* Creates a queue: PROGRAM /NAME */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 2;
	}
	/* TODO: create the queue argv[1]. */
	printf("%s will be a queue\n", argv[1]);
	return 1;
}
