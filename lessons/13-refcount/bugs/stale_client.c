/* A client opens its queue again when the server has created another one with the same name. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/stat.h>

static struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};

static mqd_t server(void) {
	mq_unlink("/bug_server");
	return mq_open("/bug_server", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
}

int main(void) {
	struct stat queue;
	mqd_t old = server();
	mqd_t client = mq_open("/bug_server", O_WRONLY);
	mqd_t new = server();
	if (fstat(client, &queue) == -1) { /* BUG */
		mq_close(client);
		client = mq_open("/bug_server", O_WRONLY);
	}
	mq_send(client, "hello", 5, 0);
	mq_getattr(new, &attr);
	printf("requests at the new server: %ld\n", attr.mq_curmsgs);
	mq_close(old);
	return mq_unlink("/bug_server");
}
