/* A child traces this process, and never lets anybody else see that it has ended. */
#include <sys/ptrace.h>
#include <unistd.h>

int main(void) {
	int ends[2];
	char byte;
	pipe(ends);
	int parent = getpid();
	if (fork() == 0) {
		ptrace(PTRACE_SEIZE, parent, 0, 0);
		write(ends[1], &byte, 1);
		for (;;)
			pause();
	}
	read(ends[0], &byte, 1);
	return 7;
}
