/* Does one round for each line of standard input, and leaves nothing open: PROGRAM /NAME */
#include <stdio.h>

static void one_round(const char *name) {
	/* TODO: open the queue, the semaphore and the shared memory with this name; receive, write, post; close everything. */
	printf("a round with %s\n", name);
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 2;
	}
	char line[256];
	while (fgets(line, sizeof line, stdin))
		one_round(argv[1]);
	return 0;
}
