/* Leaves shared memory behind that is complete as soon as it has a name: PROGRAM /NAME < CONTENTS */
#define _GNU_SOURCE /* O_TMPFILE */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME < CONTENTS\n", argv[0]);
		return 2;
	}
	/* A file without a name: nobody finds it, and it goes with this process. */
	int fd = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
	if (fd == -1) {
		perror("open(O_TMPFILE)");
		return 1;
	}
	char bytes[4096];
	ssize_t n;
	while ((n = read(STDIN_FILENO, bytes, sizeof bytes)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 || write(fd, bytes, n) != n) {
			perror("cannot take the contents");
			return 1;
		}
	}
	/* The last call gives it a name, if nobody else has it. */
	char here[64], there[300];
	snprintf(here, sizeof here, "/proc/self/fd/%d", fd);
	snprintf(there, sizeof there, "/dev/shm%s", argv[1]);
	if (linkat(AT_FDCWD, here, AT_FDCWD, there, AT_SYMLINK_FOLLOW) == -1) {
		perror(argv[1]);
		return 1;
	}
	return 0;
}
