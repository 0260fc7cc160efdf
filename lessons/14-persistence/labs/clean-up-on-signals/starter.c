/* A server that leaves nothing behind, whatever ends it: PROGRAM [--anew] /NAME */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
	bool anew = argc == 3 && strcmp(argv[1], "--anew") == 0;
	if (argc != 2 && !anew) {
		fprintf(stderr, "use: %s [--anew] /NAME\n", argv[0]);
		return 2;
	}
	const char *name = argv[argc - 1];
	/* TODO: create both, receive until an empty message or a signal comes, remove what is yours. */
	printf("%s is to be made%s, and to be gone in the end\n", name, anew ? " anew" : "");
	return 1;
}
