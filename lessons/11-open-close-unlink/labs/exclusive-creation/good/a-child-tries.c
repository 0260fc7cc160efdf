/* Three processes of one program: a grandchild creates the queue, and exit codes come back through both parents. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int create(const char *name) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 1};
	mqd_t mq = mq_open(name, O_CREAT | O_EXCL | O_RDONLY, 0600, &attr);
	if (mq != (mqd_t)-1)
		return 0;
	if (errno == EEXIST)
		return 1;
	perror(name);
	return 2;
}

static int by_a_child(const char *name, int generations) {
	if (generations == 0)
		return create(name);
	pid_t child = fork();
	if (child == 0)
		_exit(by_a_child(name, generations - 1));
	int status;
	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			return 2;
	return WEXITSTATUS(status);
}

int main(int argc, char **argv) {
	return argc == 2 ? by_a_child(argv[1], 2) : 2;
}
