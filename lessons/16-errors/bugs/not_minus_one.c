/* Opens a queue if it exists, and otherwise prints why it cannot. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

int main(void) {
	mqd_t mq = mq_open("/bug_nobodys", O_RDONLY);
	if (!mq) { /* BUG */
		printf("mq_open: %m\n");
		return 1;
	}
	puts("the queue is open");
	return mq_close(mq);
}
