/* The child has the queue as its standard input, and another name as its first argument; SIGCHLD is waited for. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int child(void) {
	char text[65] = {0};
	if (mq_receive(STDIN_FILENO, text, 64, NULL) == -1) {
		perror("child: mq_receive");
		return 255;
	}
	fprintf(stderr, "child: received %s\n", text);
	return strtoul(text, NULL, 10);
}

int main(int argc, char **argv) {
	if (argc == 1 && strcmp(argv[0], "child") == 0)
		return child();
	if (argc != 2)
		return 2;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1 || mq_unlink(argv[1]) == -1)
		return 1;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(mq, STDIN_FILENO);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		execl("/proc/self/exe", "child", (char *)NULL);
		_exit(127);
	}
	char *line = NULL;
	size_t size = 0;
	ssize_t n = getline(&line, &size, stdin);
	if (n <= 0 || mq_send(mq, line, strcspn(line, "\n"), 0) == -1)
		return 1;
	siginfo_t info;
	while (sigwaitinfo(&set, &info) != SIGCHLD || waitpid(pid, NULL, WNOHANG) != pid)
		;
	return info.si_status;
}
