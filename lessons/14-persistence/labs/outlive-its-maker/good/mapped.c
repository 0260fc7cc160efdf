/* The file without a name is grown as bytes come, and filled through a mapping. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	int fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	enum { MOST = 64 << 10 };
	if (fd == -1 || ftruncate(fd, MOST) == -1)
		return 2;
	char *memory = mmap(NULL, MOST, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ssize_t n, all = 0;
	while (all < MOST && (n = read(STDIN_FILENO, memory + all, MOST - all)) > 0)
		all += n;
	munmap(memory, MOST);
	ftruncate(fd, all);
	char from[40], to[300];
	snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
	snprintf(to, sizeof to, "/dev/shm%s", argv[1]);
	return linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) == -1;
}
