/* A server that leaves nothing behind, no matter how it ends: PROGRAM [--anew] /NAME */
#define _GNU_SOURCE /* ppoll */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile sig_atomic_t came;

static void note(int signal_number) {
	came = signal_number;
}

/* Whether a name still leads to what we have open. Between this question and the unlink somebody may
   take the name; no call of Linux does both in one step. */
static bool is_ours(int fd) {
	struct stat stat;
	return fd != -1 && fstat(fd, &stat) == 0 && stat.st_nlink > 0;
}

/* Serves until an empty message or a signal comes, and returns 0. Returns 1 if it cannot go on. */
static int serve(mqd_t mq, const sigset_t *while_waiting) {
	for (;;) {
		/* Signals come in here and nowhere else: none falls between a look at the flag and the wait.
		   (A server that is never without a message does not wait, and asks sigpending(2), too.) */
		struct pollfd queue = {.fd = mq, .events = POLLIN};
		if (ppoll(&queue, 1, NULL, while_waiting) == -1 && errno != EINTR)
			return 1;
		if (came)
			return 0;
		char message[64];
		ssize_t n = mq_receive(mq, message, sizeof message, NULL);
		if (n == 0)
			return 0;
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return 1;
	}
}

int main(int argc, char **argv) {
	bool anew = argc == 3 && strcmp(argv[1], "--anew") == 0;
	if (argc != 2 && !anew) {
		fprintf(stderr, "use: %s [--anew] /NAME\n", argv[0]);
		return 2;
	}
	const char *name = argv[argc - 1];

	/* Before anything is made, so that no signal finds something that nobody has written down. */
	sigset_t blocked, before;
	sigemptyset(&blocked);
	struct sigaction action = {.sa_handler = note};
	const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	for (int i = 0; i < 3; i++) {
		sigaddset(&blocked, signals[i]);
		sigaction(signals[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &blocked, &before);

	if (anew) {
		mq_unlink(name);
		shm_unlink(name);
	}
	int code = 1;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = mq_open(name, O_CREAT | O_EXCL | O_RDONLY | O_NONBLOCK, 0600, &attr);
	int fd = mq == (mqd_t)-1 ? -1 : shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd == -1 || ftruncate(fd, 4096) == -1)
		perror(name);
	else
		code = serve(mq, &before);

	if (is_ours(fd))
		shm_unlink(name);
	if (is_ours(mq))
		mq_unlink(name);
	if (came) {
		/* As the signal would have ended it, had nobody caught it. */
		signal(came, SIG_DFL);
		raise(came);
		sigprocmask(SIG_SETMASK, &before, NULL);
	}
	return code;
}
