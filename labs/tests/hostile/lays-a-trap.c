/* Creates, in place of the object, something that has no end: a pipe, or a link to /dev/zero. lab: outlive-its-maker */
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
