/* loses: of-two-makers-one-wins a-taken-name-is-left-alone a-killed-maker-leaves-no-other-name
 * It checks whether the name is free, and takes the name a moment later. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
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
	if (shm_open(argv[1], O_RDONLY, 0) != -1)
		return 1;
	int fd = open(temporary, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd == -1 || write(fd, bytes, all) != all)
		return 1;
	return rename(temporary, there) != 0;
}
