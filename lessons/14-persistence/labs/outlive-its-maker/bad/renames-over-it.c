/* loses: of-two-makers-one-wins a-taken-name-is-left-alone a-killed-maker-leaves-no-other-name
 * Fills a file of its own, and gives it the name whether that is free or not. */
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
	char temporary[300], there[300];
	snprintf(temporary, sizeof temporary, "/dev/shm%s.%d", argv[1], getpid());
	snprintf(there, sizeof there, "/dev/shm%s", argv[1]);
	int fd = open(temporary, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd == -1 || write(fd, bytes, all) != all)
		return 1;
	return rename(temporary, there) != 0;
}
