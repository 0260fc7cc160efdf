/* Hands over a queue without a name: PROGRAM give /NAME SOCKET, and PROGRAM take SOCKET */
#include <stdio.h>
#include <string.h>

static int give(const char *name, const char *path) {
	/* TODO: create the queue, unlink its name, send the line to it, send its descriptor through SOCKET. */
	printf("%s should go through %s\n", name, path);
	return 2;
}

static int take(const char *path) {
	/* TODO: receive a descriptor from the socket, and a number from the queue that it refers to. */
	printf("a queue should come from %s\n", path);
	return 2;
}

int main(int argc, char **argv) {
	if (argc == 4 && strcmp(argv[1], "give") == 0)
		return give(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "take") == 0)
		return take(argv[2]);
	fprintf(stderr, "use: %s give /NAME SOCKET, or %s take SOCKET\n", argv[0], argv[0]);
	return 2;
}
