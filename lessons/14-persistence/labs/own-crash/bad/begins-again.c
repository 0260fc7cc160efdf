/* loses: the-next-run-finishes-what-a-killed-one-began a-living-instance-is-left-alone two-at-once-do-the-work-once
 * Finds its leftover, and does all of the work once more. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

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
	struct mq_attr attr = {.mq_maxmsg = 10, .mq_msgsize = 16};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	if (flock(mq, LOCK_EX | LOCK_NB) == -1)
		return 3;
	return send_from(mq, 1, strtol(argv[2], NULL, 10));
}
