/* Creates a queue with the attributes that the limits allow: PROGRAM /NAME MAXMSG MSGSIZE [COMMAND [ARGUMENT...]] */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	if (argc < 4) {
		fprintf(stderr, "use: %s /NAME MAXMSG MSGSIZE [COMMAND [ARGUMENT...]]\n", argv[0]);
		return 1;
	}
	long maxmsg = atol(argv[2]), msgsize = atol(argv[3]);
	/* TODO: create or open the queue argv[1], report what it got, and execute the command. */
	printf("%s should get %ld %ld\n", argv[1], maxmsg, msgsize);
	return 1;
}
