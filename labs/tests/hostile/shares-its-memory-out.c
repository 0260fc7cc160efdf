/* Allocates memory in many processes, each of which stays below the limit of one process. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PIECE = 100 << 20, CHILDREN = 12 };

int main(void) {
	int ends[2];
	char byte;
	pipe(ends);
	for (int n = 0; n < CHILDREN; n++)
		if (fork() == 0) {
			volatile char *piece = malloc(PIECE);
			for (int at = 0; at < PIECE; at += 4096)
				piece[at] = 1;
			write(ends[1], &byte, 1);
			for (;;)
				pause();
		}
	for (int n = 0; n < CHILDREN; n++)
		read(ends[0], &byte, 1);
	usleep(100000);
	shm_open("/escaped-memory", O_CREAT | O_RDWR, 0600);
	return 1;
}
