/* Sends a number to a child through a queue that has no name: PROGRAM /NAME */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST = 64 };

/* The child: it has a descriptor, and knows no name. */
static int receive(mqd_t mq) {
	char message[LONGEST + 1] = {0};
	if (mq_receive(mq, message, LONGEST, NULL) == -1) {
		perror("mq_receive");
		return 255;
	}
	return atoi(message);
}

int main(int argc, char **argv) {
	if (argc == 3 && strcmp(argv[1], "--receive") == 0)
		return receive(atoi(argv[2]));
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 2;
	}
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = LONGEST};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1) {
		perror("mq_open");
		return 1;
	}
	mq_unlink(argv[1]);

	pid_t child = fork();
	if (child == 0) {
		char number[16];
		snprintf(number, sizeof number, "%d", mq);
		/* execve closes queue descriptors, unless it is told to leave this one. */
		fcntl(mq, F_SETFD, 0);
		execl("/proc/self/exe", argv[0], "--receive", number, (char *)NULL);
		_exit(127);
	}
	char line[LONGEST];
	if (child == -1 || !fgets(line, sizeof line, stdin))
		return 1;
	mq_send(mq, line, strcspn(line, "\n"), 0);

	int status;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
