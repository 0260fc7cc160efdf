/* Sends a number to a child through a queue that has no name: PROGRAM /NAME */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The child: it has a descriptor of the queue, and no name. */
static int receive(int mq) {
	/* TODO: receive one message from the queue `mq`, and return the number in it. */
	printf("this should receive from descriptor %d\n", mq);
	return 1;
}

int main(int argc, char **argv) {
	if (argc == 3 && strcmp(argv[1], "--receive") == 0)
		return receive(atoi(argv[2]));
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 2;
	}
	/* TODO: create the queue, unlink its name, and start the child. Read the number from standard input,
	 * send it to the child, and wait. */
	printf("%s should lose its name\n", argv[1]);
	return 1;
}
