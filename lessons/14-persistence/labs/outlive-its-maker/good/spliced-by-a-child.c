/* A child lets the kernel copy, by splice through its standard input; its parent names the file when the child has ended. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	int fd = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
	pid_t child = fork();
	if (child == 0) {
		ssize_t n;
		while ((n = splice(STDIN_FILENO, NULL, fd, NULL, 65536, 0)) > 0 || (n == -1 && errno == EINTR))
			nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		_exit(n != 0);
	}
	int status;
	if (waitpid(child, &status, 0) != child || status != 0)
		return 3;
	char *from, *to;
	if (asprintf(&from, "/proc/%d/fd/%d", getpid(), fd) == -1 || asprintf(&to, "/dev/shm/%s", argv[1] + 1) == -1)
		return 3;
	if (linkat(-1, from, -1, to, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	fprintf(stderr, "%s is taken: %m\n", argv[1]);
	return 1;
}
