/* Writes to every writable folder until it is full. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
	const char *folders[] = {"/dev/shm", "/tmp", "/work", "/var/tmp", "/run", "/", "/dev", "/program"};
	static char block[1 << 20];
	memset(block, 'x', sizeof block);
	for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++)
		for (int n = 0; n < 100; n++) {
			char path[64];
			snprintf(path, sizeof path, "%s/full-%d", folders[i], n);
			int fd = open(path, O_CREAT | O_WRONLY, 0600);
			while (fd >= 0 && write(fd, block, sizeof block) > 0)
				;
		}
	return 1;
}
