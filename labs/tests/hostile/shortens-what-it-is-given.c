/* Truncates the grader's objects and removes all permissions, and then waits for more. lab: close-everything */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
	char line[100];
	while (fgets(line, sizeof line, stdin)) {
		truncate("/dev/shm/lab", 0);
		truncate("/dev/shm/sem.lab", 0);
		chmod("/dev/shm/lab", 0);
		chmod("/dev/shm/sem.lab", 0);
		chmod("/dev/mqueue/lab", 0);
	}
	return 7;
}
