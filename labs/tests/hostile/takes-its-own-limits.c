/* Sets all its own limits to 0, and takes the name that the grader is about to use. lab: close-everything */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

int main(void) {
	char line[100];
	struct rlimit none = {0, 0};
	while (fgets(line, sizeof line, stdin)) {
		mkdir("/dev/shm/lab", 0);
		for (int which = 0; which < RLIM_NLIMITS; which++)
			setrlimit(which, &none);
	}
	return 7;
}
