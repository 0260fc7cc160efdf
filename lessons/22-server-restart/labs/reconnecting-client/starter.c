/* A client that reconnects: PROGRAM KEY N */
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s KEY N\n", argv[0]);
		return 2;
	}
	key_t key = strtol(argv[1], NULL, 16);
	int n = atoi(argv[2]);
	/* TODO: make the requests 1 to n, and wait for each answer, whatever the server does meanwhile. */
	printf("%d requests are to go to the queue with the key %#x\n", n, key);
	return 1;
}
