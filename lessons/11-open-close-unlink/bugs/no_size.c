/* Creates shared memory of one page and writes a text into it. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void killed(int signal) {
	ssize_t written = write(1, "killed by SIGBUS\n", 17);
	_exit(written == 17 ? signal : 2);
}

int main(void) {
	signal(SIGBUS, killed);
	int fd = shm_open("/bug_memory", O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd == -1)
		return 1;
	shm_unlink("/bug_memory");
	if (lseek(fd, 4096, SEEK_SET) == -1) /* BUG */
		return 1;
	char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return 1;
	strcpy(memory, "hello");
	printf("written: %s\n", memory);
	return 0;
}
