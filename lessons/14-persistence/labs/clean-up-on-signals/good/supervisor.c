/* Two processes: a child receives the messages, and its parent owns the objects and waits for a signal or the child's end. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int receive(mqd_t mq) {
	char message[64];
	ssize_t n;
	do
		n = mq_receive(mq, message, sizeof message, NULL);
	while (n > 0 || (n == -1 && errno == EINTR));
	return n == 0 ? 0 : 1;
}

/* 128 + a signal, or how the child has ended. */
static int supervise(mqd_t mq, const sigset_t *set, const sigset_t *before) {
	pid_t parent = getpid(), child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sigprocmask(SIG_SETMASK, before, NULL);
		_exit(getppid() == parent ? receive(mq) : 1);
	}
	int status, came;
	while ((came = sigwaitinfo(set, NULL)) != SIGCHLD)
		if (came > 0) {
			kill(child, SIGKILL);
			waitpid(child, NULL, 0);
			return 128 + came;
		}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int is_ours(int fd) {
	struct stat stat;
	return fd != -1 && fstat(fd, &stat) == 0 && stat.st_nlink > 0;
}

int main(int argc, char **argv) {
	sigset_t set, before;
	sigemptyset(&set);
	for (int i = 0; i < 4; i++)
		sigaddset(&set, (const int[]){SIGINT, SIGTERM, SIGHUP, SIGCHLD}[i]);
	sigprocmask(SIG_BLOCK, &set, &before);
	const char *name = argv[argc - 1];
	if (argc == 3 && strcmp(argv[1], "--anew") == 0) {
		mq_unlink(name);
		shm_unlink(name);
	}
	int code = 1, fd = -1;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq != (mqd_t)-1)
		fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd != -1 && ftruncate(fd, 4096) == 0)
		code = supervise(mq, &set, &before);
	if (is_ours(mq))
		mq_unlink(name);
	if (is_ours(fd))
		shm_unlink(name);
	return code;
}
