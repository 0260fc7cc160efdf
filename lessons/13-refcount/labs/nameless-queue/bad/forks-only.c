/* loses: the-child-is-executed-anew
 * The child goes on in the same program, with all that the parent had. */
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
	if (argc != 2)
		return 2;
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink(argv[1]);
	pid_t child = fork();
	if (child == 0)
		return receive(mq);
	char line[64];
	if (!fgets(line, sizeof line, stdin))
		return 1;
	mq_send(mq, line, strcspn(line, "\n"), 0);
	int status;
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}
