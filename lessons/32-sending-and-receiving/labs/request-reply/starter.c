/* A service that gives out tickets: PROGRAM /NAME */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 2;
	}
	/* TODO: create the queue argv[1], or open it if it exists; then answer requests. */
	printf("%s will be a service\n", argv[1]);
	return 1;
}
