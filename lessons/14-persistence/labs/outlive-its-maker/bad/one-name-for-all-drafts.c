/* loses: the-next-run-copes-with-a-killed-one a-killed-maker-leaves-no-other-name
 * Its draft always has the same name, so the draft of a killed run is in the way for ever. */
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
	char draft[300], there[300];
	snprintf(draft, sizeof draft, "/dev/shm%s.draft", argv[1]);
	snprintf(there, sizeof there, "/dev/shm%s", argv[1]);
	int fd = open(draft, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd == -1 || write(fd, bytes, all) != all)
		return 1;
	int linked = link(draft, there);
	unlink(draft);
	return linked != 0;
}
