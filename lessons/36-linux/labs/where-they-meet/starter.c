/* Sends a message to a queue of the IPC namespace of a process, without entering it: PROGRAM PID /NAME TEXT */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	if (argc != 4) {
		fprintf(stderr, "use: %s PID /NAME TEXT\n", argv[0]);
		return 1;
	}
	long pid = atol(argv[1]);
	/* TODO: find out whose namespace it is, open the queue argv[2] there, and send argv[3]. */
	printf("%s should go to %s of process %ld\n", argv[3], argv[2], pid);
	return 1;
}
