/* Moves messages from several queues into one: PROGRAM /OUT /IN... */
#include <mqueue.h>
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc < 2) {
		fprintf(stderr, "use: %s /OUT /IN...\n", argv[0]);
		return 1;
	}
	/* TODO: open the queues, and move each message, until SIGTERM comes. */
	printf("%d queues should be served\n", argc - 1);
	return 1;
}
