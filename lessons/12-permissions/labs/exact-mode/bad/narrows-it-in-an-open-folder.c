/* loses: the-queue-never-grants-more
 * It makes the queue for everybody, and takes the rights away; both by its name in a folder that it has open. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	umask(0);
	int folder = open("/dev/mqueue", O_RDONLY | O_DIRECTORY);
	const char *name = argv[1] + 1;
	if (openat(folder, name, O_CREAT | O_EXCL | O_RDWR, 0666) == -1)
		return 1;
	return fchmodat(folder, name, strtol(argv[2], NULL, 8), 0) == -1;
}
