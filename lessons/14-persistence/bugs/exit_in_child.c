/* Removes its queue when it ends. Before that, a child does a part of the work. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void remove_queue(void) {
	mq_unlink("/bug_work");
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_work", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	atexit(remove_queue);
	if (fork() == 0) {
		mq_send(mq, "done", 4, 0);
		exit(0); /* BUG */
	}
	wait(NULL);
	mqd_t client = mq_open("/bug_work", O_RDONLY);
	printf("a client %s\n", client == (mqd_t)-1 ? "finds no queue" : "finds the queue");
	return 0;
}
