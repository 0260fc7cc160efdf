/* posix_spawn with the same arguments as the parent's: the number of the descriptor is in the environment. */
#include <fcntl.h>
#include <mqueue.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	char line[65] = {0};
	const char *inherited = getenv("QUEUE");
	if (inherited) {
		ssize_t n = mq_receive(atoi(inherited), line, 64, NULL);
		return n == -1 ? 255 : atoi(line);
	}
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1) {
		perror(argv[1]);
		return 1;
	}
	mq_unlink(argv[1]);
	char number[16];
	snprintf(number, sizeof number, "%d", mq);
	setenv("QUEUE", number, 1);
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	/* A descriptor that is duplicated to its own number stays open when it is executed. */
	posix_spawn_file_actions_adddup2(&actions, mq, mq);
	pid_t child;
	if (posix_spawn(&child, "/proc/self/exe", &actions, NULL, argv, environ) != 0)
		return 1;
	ssize_t n = read(STDIN_FILENO, line, 64);
	while (n > 0 && line[n - 1] == '\n')
		n--;
	if (n <= 0 || mq_send(mq, line, n, 0) == -1)
		return 1;
	int status;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
