/* Two processes: a child has no umask and creates the queue, and its parent keeps the umask that it has. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int create(const char *name, mode_t mode) {
	umask(0);
	mqd_t mq = mq_open(name, O_CREAT | O_EXCL | O_WRONLY, mode, NULL);
	if (mq == (mqd_t)-1)
		perror("mq_open");
	return mq == (mqd_t)-1;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	pid_t child = fork();
	if (child == 0)
		_exit(create(argv[1], strtol(argv[2], NULL, 8)));
	int status;
	while (waitpid(child, &status, 0) != child)
		fprintf(stderr, "waiting for %d\n", child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
