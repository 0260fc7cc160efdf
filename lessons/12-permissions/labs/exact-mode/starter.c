/* Creates a queue with exactly the requested mode: PROGRAM /NAME MODE */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s /NAME MODE\n", argv[0]);
		return 2;
	}
	mode_t mode = strtol(argv[2], NULL, 8);
	/* TODO: create the queue argv[1] with this mode, whatever the umask is. */
	printf("%s should have mode %04o\n", argv[1], mode);
	return 1;
}
