/* Moves messages from two queues to a third one: PROGRAM /URGENT /BULK /OUT */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 4) {
		fprintf(stderr, "use: %s /URGENT /BULK /OUT\n", argv[0]);
		return 1;
	}
	/* TODO: move the messages of argv[1] and argv[2] to argv[3]. */
	printf("should move %s and %s to %s\n", argv[1], argv[2], argv[3]);
	return 1;
}
