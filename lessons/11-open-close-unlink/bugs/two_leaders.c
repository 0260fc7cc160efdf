/* Two workers start; the one that creates the queue should be the leader, and the other follows it. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int leads(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_leader", O_CREAT | O_RDWR, 0600, &attr); /* BUG */
	if (mq != (mqd_t)-1)
		return 1;
	return errno == EEXIST ? 0 : 2;
}

int main(void) {
	int leaders = 0;
	for (int worker = 0; worker < 2; worker++) {
		int status;
		if (fork() == 0)
			_exit(leads());
		wait(&status);
		leaders += WEXITSTATUS(status);
	}
	printf("leaders: %d\n", leaders);
	return mq_unlink("/bug_leader");
}
