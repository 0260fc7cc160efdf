/* loses: after-SIGKILL-anew-starts
 * Takes --anew, and does as ever: what a killed run has left is in its way. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile sig_atomic_t came;

static void note(int signal_number) {
	came = signal_number;
}

static int is_ours(int fd) {
	struct stat stat;
	return fd != -1 && fstat(fd, &stat) == 0 && stat.st_nlink > 0;
}

static int serve(mqd_t mq, const sigset_t *while_waiting) {
	for (;;) {
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
	if (argc < 2)
		return 2;
	const char *name = argv[argc - 1];
	sigset_t blocked, before;
	sigemptyset(&blocked);
	struct sigaction action = {.sa_handler = note};
	const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	for (int i = 0; i < 3; i++) {
		sigaddset(&blocked, signals[i]);
		sigaction(signals[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &blocked, &before);

	int code = 1;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = mq_open(name, O_CREAT | O_EXCL | O_RDONLY | O_NONBLOCK, 0600, &attr);
	int fd = mq == (mqd_t)-1 ? -1 : shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd != -1 && ftruncate(fd, 4096) == 0)
		code = serve(mq, &before);

	if (is_ours(fd))
		shm_unlink(name);
	if (is_ours(mq))
		mq_unlink(name);
	return came ? 128 + came : code;
}
