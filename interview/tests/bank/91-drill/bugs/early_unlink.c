/* A client opens the queue that its server has created. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>

#define NAME "/early_unlink"

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
	mqd_t server = mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	mq_unlink(NAME); /* BUG */
	mqd_t client = mq_open(NAME, O_WRONLY);
	printf("client: %s\n", client == -1 ? strerrorname_np(errno) : "connected");
	mq_close(server);
	mq_unlink(NAME);
	return 0;
}
