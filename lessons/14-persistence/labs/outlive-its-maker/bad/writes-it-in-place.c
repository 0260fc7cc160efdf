/* loses: the-name-shows-all-or-nothing the-next-run-copes-with-a-killed-one
 * It creates the object and writes it in one go, and trusts that nobody looks in between. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	static char bytes[1 << 16];
	ssize_t n, all = 0;
	while ((n = read(STDIN_FILENO, bytes + all, sizeof bytes - all)) > 0)
		all += n;
	int fd = shm_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd == -1)
		return 1;
	return write(fd, bytes, all) != all;
}
