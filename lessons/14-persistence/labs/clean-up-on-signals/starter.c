/* A server that leaves nothing behind, no matter how it ends: PROGRAM [--anew] /NAME */
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
	/* TODO: create both objects, receive until an empty message or a signal comes, remove what is yours. */
	printf("%s should be made%s, and be gone at the end\n", name, anew ? " again" : "");
	return 1;
}
