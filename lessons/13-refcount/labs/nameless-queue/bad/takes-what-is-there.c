/* loses: a-taken-name-is-left-alone
 * Opens somebody else's queue as if it had made it, and takes its name away. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int receive(mqd_t mq) {
	char message[65] = {0};
	return mq_receive(mq, message, 64, NULL) == -1 ? 255 : atoi(message);
}

int main(int argc, char **argv) {
	if (argc == 3 && strcmp(argv[1], "--receive") == 0)
		return receive(atoi(argv[2]));
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink(argv[1]);
	pid_t child = fork();
	if (child == 0) {
		char number[16];
		snprintf(number, sizeof number, "%d", mq);
		fcntl(mq, F_SETFD, 0);
		execl("/proc/self/exe", argv[0], "--receive", number, (char *)NULL);
		_exit(127);
	}
	char line[64];
	if (!fgets(line, sizeof line, stdin))
		return 1;
	mq_send(mq, line, strcspn(line, "\n"), 0);
	int status;
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}
