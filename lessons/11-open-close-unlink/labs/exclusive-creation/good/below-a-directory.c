/* A file below a directory descriptor: openat creates it in /dev/mqueue, after a sleep of its own in each process. */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
	if (argc != 2 || argv[1][0] != '/') {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 2;
	}
	int queues = open("/dev/mqueue", O_PATH | O_DIRECTORY);
	poll(NULL, 0, getpid() % 50);
	int mq = openat(queues, argv[1] + 1, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (mq == -1 && errno == EEXIST)
		return 1;
	if (mq == -1)
		perror(argv[1]);
	return mq == -1 ? 2 : 0;
}
