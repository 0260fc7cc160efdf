/* loses: a-queue-that-exists-is-left-alone
 * It looks and creates under a lock: that keeps out its own kind, and no program that knows of no lock. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	int lock = open("/tmp/creation.lock", O_CREAT | O_RDWR, 0600);
	flock(lock, LOCK_EX);
	if (mq_open(argv[1], O_RDONLY) != (mqd_t)-1 || (errno == EACCES && !strchr(argv[1] + 1, '/')))
		return 1;
	if (mq_open(argv[1], O_CREAT | O_RDWR, 0600, NULL) != (mqd_t)-1)
		return 0;
	perror("mq_open");
	return 2;
}
