/* Nests folders deeper than a path may be long, and removes all permissions from them. lab: meet-by-ftok */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
	const char *tops[] = {"/work", "/tmp", "/dev/shm"};
	for (unsigned i = 0; i < sizeof tops / sizeof *tops; i++) {
		if (chdir(tops[i]) == -1)
			continue;
		int depth = 0;
		while (depth < 1500 && mkdir("deeper", 0700) == 0 && chdir("deeper") == 0)
			depth++;
		while (depth-- > 0) {
			chmod(".", 0);
			if (chdir("..") == -1)
				break;
		}
		chmod(tops[i], 0);
	}
	chmod("/dev/mqueue", 0);
	return 7;
}
