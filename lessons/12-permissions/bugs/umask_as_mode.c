/* Creates shared memory that only its owner and its group can read and write. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

int main(void) {
	struct stat object;
	umask(0660); /* BUG */
	int fd = shm_open("/bug_group", O_CREAT | O_EXCL | O_RDWR, 0666);
	if (fd == -1)
		return 1;
	shm_unlink("/bug_group");
	if (fstat(fd, &object) == -1)
		return 1;
	printf("mode %04o\n", object.st_mode & 0777);
	return 0;
}
