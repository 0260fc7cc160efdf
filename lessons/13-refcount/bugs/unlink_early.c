/* Creates a queue for a child to send to, and makes sure that no name is left behind. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void remove_name(void) {
	mq_unlink("/bug_child");
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_child", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	remove_name(); /* BUG */
	if (fork() == 0) {
		mqd_t to_parent = mq_open("/bug_child", O_WRONLY);
		_exit(mq_send(to_parent, "done", 4, 0) == -1);
	}
	wait(NULL);
	mq_getattr(mq, &attr);
	printf("messages: %ld\n", attr.mq_curmsgs);
	return 0;
}
