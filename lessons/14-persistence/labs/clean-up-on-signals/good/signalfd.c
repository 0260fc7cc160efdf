/* No handler: the signals are blocked and read from a signalfd, which poll waits for together with the queue. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

static int again(int result) {
	return result == -1 && errno == EINTR;
}

/* The signal that came, 0 for an empty message, -1 for an error. */
static int serve(mqd_t mq, int signals) {
	for (;;) {
		struct pollfd both[] = {{.fd = signals, .events = POLLIN}, {.fd = mq, .events = POLLIN}};
		if (poll(both, 2, -1) == -1) {
			if (errno != EINTR)
				return -1;
			continue;
		}
		struct signalfd_siginfo info;
		if (both[0].revents && read(signals, &info, sizeof info) == sizeof info)
			return info.ssi_signo;
		if (!both[1].revents)
			continue;
		char message[64];
		ssize_t n = mq_receive(mq, message, sizeof message, NULL);
		if (n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN))
			return n;
	}
}

int main(int argc, char **argv) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (argc < 2)
		return 2;
	const char *name = argv[argc - 1];
	if (argc == 3 && strcmp(argv[1], "--anew") == 0) {
		shm_unlink(name);
		mq_unlink(name);
	}
	int signals = signalfd(-1, &set, SFD_CLOEXEC), memory, end = -1;
	mqd_t mq;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	do
		memory = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	while (again(memory));
	if (memory == -1)
		return 1;
	do
		mq = mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	while (again(mq));
	if (mq != (mqd_t)-1) {
		int sized;
		do
			sized = ftruncate(memory, 4096);
		while (again(sized));
		end = sized == -1 ? -1 : serve(mq, signals);
	}
	struct stat now;
	if (mq != (mqd_t)-1 && fstat(mq, &now) == 0 && now.st_nlink == 1)
		mq_unlink(name);
	if (fstat(memory, &now) == 0 && now.st_nlink == 1)
		shm_unlink(name);
	return end == -1 ? 1 : end > 0 ? 128 + end : 0;
}
