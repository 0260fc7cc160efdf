/* loses: nothing-else-is-left
 * Locks a file in /dev/shm, and leaves it there. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>

static int send_from(mqd_t mq, long first, long count) {
	for (long order = first; order <= count; order++) {
		char text[16];
		snprintf(text, sizeof text, "%ld", order);
		if (mq_send(mq, text, strlen(text), 0) == -1)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	long count = strtol(argv[2], NULL, 10);
	int lock = shm_open("/lab_lock", O_CREAT | O_RDWR, 0600);
	if (lock == -1 || flock(lock, LOCK_EX | LOCK_NB) == -1)
		return 3;
	struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = 16};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1 || mq_getattr(mq, &attr) == -1)
		return 1;
	return send_from(mq, attr.mq_curmsgs + 1, count);
}
