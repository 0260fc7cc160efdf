/* It compares the links in /proc/PID/ns, walks by openat from a descriptor of the process's root, and looks whether the
 * folder is a mount of mqueue by comparing it with the folder above. */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Reads where the link /proc/WHO/ns/ipc points to. */
static int namespace_of(const char *who, char text[64]) {
	char path[64];
	snprintf(path, sizeof path, "/proc/%s/ns/ipc", who);
	ssize_t length = readlink(path, text, 63);
	text[length < 0 ? 0 : length] = '\0';
	return length < 0 ? -1 : 0;
}

/* Returns the folder of the queues, or ends the program. */
static int folder_of(const char *who) {
	char path[64];
	snprintf(path, sizeof path, "/proc/%s/root", who);
	int root = open(path, O_PATH | O_DIRECTORY);
	int above = openat(root, "dev", O_PATH | O_DIRECTORY);
	int folder = openat(above, "mqueue", O_RDONLY | O_DIRECTORY);
	if (folder == -1)
		exit(errno == ENOENT ? 6 : 1);
	struct stat of_above, of_folder, own;
	if (fstat(above, &of_above) == -1 || fstat(folder, &of_folder) == -1 || stat("/dev/mqueue", &own) == -1)
		exit(1);
	if (of_folder.st_dev == of_above.st_dev || of_folder.st_dev == own.st_dev)
		exit(6);
	close(root);
	close(above);
	return folder;
}

int main(int argc, char **argv) {
	if (argc != 4 || argv[1][0] == '\0' || strspn(argv[1], "0123456789") != strlen(argv[1]) || atol(argv[1]) == 0)
		return 2;
	char own[64], theirs[64];
	if (namespace_of(argv[1], theirs) == -1)
		return errno == ENOENT ? 3 : 1;
	if (namespace_of("self", own) == -1)
		return 1;
	int same = strcmp(own, theirs) == 0;
	mqd_t mq = same ? mq_open(argv[2], O_WRONLY) : openat(folder_of(argv[1]), argv[2] + 1, O_WRONLY);
	if (mq == (mqd_t)-1)
		return errno == ENOENT ? 4 : 1;
	/* A time that is over: mq_timedsend fails instead of waiting. */
	struct timespec over = {0, 0};
	if (mq_timedsend(mq, argv[3], strlen(argv[3]), 0, &over) == -1)
		return errno == ETIMEDOUT ? 5 : 1;
	printf("%s\n", same ? "same" : "other");
	return 0;
}
