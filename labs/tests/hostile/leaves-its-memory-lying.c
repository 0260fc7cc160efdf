/* Fills System V segments and detaches each one, so that no process is charged for them. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

enum { PIECE = 60 << 20, PIECES = 19 };

int main(void) {
	int held = 0;
	for (; held < PIECES; held++) {
		char *piece = shmat(shmget(IPC_PRIVATE, PIECE, 0600), NULL, 0);
		if (piece == (char *)-1)
			break;
		memset(piece, 1, PIECE);
		shmdt(piece);
	}
	usleep(100000);
	if (held == PIECES)
		shm_open("/escaped-memory", O_CREAT | O_RDWR, 0600);
	return 1;
}
