/* Receives the messages of a queue by notification: PROGRAM /NAME */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 1;
	}
	/* TODO: register with mq_notify, drain the queue argv[1], and wait for the next notification. */
	printf("%s will be drained\n", argv[1]);
	return 1;
}
