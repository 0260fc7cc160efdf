/* Creates as many files as there is room for, and opens as many as possible in each of many processes. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
	for (int n = 0; n < 20000; n++) {
		char path[64];
		snprintf(path, sizeof path, "/dev/shm/file-%d", n);
		if (mknod(path, S_IFREG | 0600, 0) == -1)
			break;
		if (n == 10000)
			shm_open("/escaped-files", O_CREAT | O_RDWR, 0600);
	}
	for (int n = 0; n < 20; n++)
		if (fork() == 0) {
			while (dup(1) != -1)
				;
			for (;;)
				pause();
		}
	/* Sleeping takes no time in the sandbox, but counting does. */
	for (volatile long n = 0; n < 1000000000; n++)
		;
	unlink("/dev/shm/file-0");
	shm_open("/escaped-descriptors", O_CREAT | O_RDWR, 0600);
	return 1;
}
