/* loses: a-living-instance-is-left-alone
 * Begins with mq_unlink, to be rid of what a crash may have left. It asks nobody. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	mq_unlink(argv[1]);
	struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = 16};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 3;
	return send_from(mq, 1, count);
}
