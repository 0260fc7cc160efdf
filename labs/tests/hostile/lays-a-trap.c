/* Puts into the place of the object what cannot be read to its end: a pipe, and then a link. lab: outlive-its-maker */
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
	prctl(PR_SET_NAME, "\xff) S 1\xfe");
	if (getpid() % 2)
		mkfifo("/dev/shm/lab", 0600);
	else
		symlink("/dev/zero", "/dev/shm/lab");
	if (fork() == 0)
		for (;;)
			pause();
	return 7;
}
