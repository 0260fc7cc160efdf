/* Two roles that meet at a queue whose key is made from a file: PROGRAM server|client FILE ID [TEXT] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

struct message {
	long mtype; /* 1 for a question, 2 for an answer */
	char mtext[1000];
};

int main(int argc, char **argv) {
	int server = argc == 4 && strcmp(argv[1], "server") == 0;
	int client = argc == 5 && strcmp(argv[1], "client") == 0;
	if (!server && !client) {
		fprintf(stderr, "use: %s server FILE ID\n     %s client FILE ID TEXT\n", argv[0], argv[0]);
		return 2;
	}
	/* TODO: make the key, find or create the queue, and ask or answer. */
	printf("the %s should meet its partner at the key of %s\n", argv[1], argv[2]);
	return 1;
}
