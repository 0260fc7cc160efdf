/* The system call itself, without the C library's wrapper, and errors that leave by longjmp. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static jmp_buf failed;

static void create(const char *name) {
	/* The kernel takes the name without its slash. */
	if (*name != '/')
		longjmp(failed, EINVAL);
	if (syscall(SYS_mq_open, name + 1, O_CREAT | O_EXCL | O_RDWR, 0644, NULL) == -1)
		longjmp(failed, errno);
}

int main(int argc, char **argv) {
	int error = setjmp(failed);
	if (error == EEXIST)
		return 1;
	if (error) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(error));
		return 2;
	}
	create(argc == 2 ? argv[1] : "");
	return 0;
}
