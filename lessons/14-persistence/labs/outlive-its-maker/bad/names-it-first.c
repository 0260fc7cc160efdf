/* loses: the-name-shows-all-or-nothing the-next-run-copes-with-a-killed-one
 * It makes a file without a name, and gives it the name before it has written the contents. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	static char bytes[1 << 16];
	ssize_t n, all = 0;
	while ((n = read(STDIN_FILENO, bytes + all, sizeof bytes - all)) > 0)
		all += n;
	char here[64], there[300];
	int fd = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
	snprintf(here, sizeof here, "/proc/self/fd/%d", fd);
	snprintf(there, sizeof there, "/dev/shm%s", argv[1]);
	if (linkat(AT_FDCWD, here, AT_FDCWD, there, AT_SYMLINK_FOLLOW) == -1)
		return 1;
	return write(fd, bytes, all) != all;
}
