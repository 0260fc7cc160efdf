/* A server that comes back: PROGRAM KEY */
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "use: %s KEY\n", argv[0]);
		return 2;
	}
	key_t key = strtol(argv[1], NULL, 16);
	/* TODO: create the queue, whatever a predecessor has left; answer requests; remove it after SIGTERM. */
	printf("the queue should have the key %#x\n", key);
	return 1;
}
