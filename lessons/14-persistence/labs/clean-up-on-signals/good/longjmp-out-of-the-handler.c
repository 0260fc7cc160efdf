/* A handler that leaves the wait by siglongjmp; signals are let in nowhere else. Then it is killed by the same signal. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static sigjmp_buf out;

static void leave(int signal_number) {
	siglongjmp(out, signal_number);
}

static void unlink_own(int fd, const char *name, int (*unlink)(const char *)) {
	struct stat stat;
	if (fd != -1 && fstat(fd, &stat) == 0 && stat.st_nlink > 0)
		unlink(name);
}

int main(int argc, char **argv) {
	const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	sigset_t blocked, open;
	sigemptyset(&blocked);
	for (int i = 0; i < 3; i++)
		sigaddset(&blocked, signals[i]);
	sigprocmask(SIG_BLOCK, &blocked, &open);
	struct sigaction action = {.sa_handler = leave, .sa_mask = blocked};
	for (int i = 0; i < 3; i++)
		sigaction(signals[i], &action, NULL);
	const char *name = argv[argc - 1];
	if (argc == 3 && strcmp(argv[1], "--anew") == 0) {
		mq_unlink(name);
		shm_unlink(name);
	}
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	const int flags = O_CREAT | O_EXCL | O_RDWR;
	volatile mqd_t mq = mq_open(name, flags, 0600, &attr);
	volatile int fd = mq == (mqd_t)-1 ? -1 : shm_open(name, flags, 0600), code = 1;
	/* The mask of this place is saved: the signals are blocked again after the jump. */
	int came = sigsetjmp(out, 1);
	if (!came && fd != -1 && ftruncate(fd, 4096) == 0) {
		char message[64];
		ssize_t n;
		sigprocmask(SIG_SETMASK, &open, NULL);
		do
			n = mq_receive(mq, message, sizeof message, NULL);
		while (n > 0 || (n == -1 && errno == EINTR));
		sigprocmask(SIG_BLOCK, &blocked, NULL);
		code = n == 0 ? 0 : 1;
	}
	unlink_own(fd, name, shm_unlink);
	unlink_own(mq, name, mq_unlink);
	if (came) {
		signal(came, SIG_DFL);
		raise(came);
		sigprocmask(SIG_SETMASK, &open, NULL);
	}
	return code;
}
