/* Reads its signals from a signalfd, which it polls together with the queue. Before it removes a name, it
 * opens what has the name, and compares that with what it has made. That open creates nothing. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *name;
static mqd_t mq = -1;
static int memory = -1;

static int is_same(int one, int other) {
	struct stat a, b;
	return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void clean_up(void) {
	mqd_t queue_there = mq == -1 ? -1 : mq_open(name, O_RDONLY);
	if (queue_there != -1 && is_same(queue_there, mq))
		mq_unlink(name);
	int memory_there = memory == -1 ? -1 : shm_open(name, O_RDONLY, 0);
	if (memory_there != -1 && is_same(memory_there, memory))
		shm_unlink(name);
}

static int create(void) {
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mq = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == -1)
		return -1;
	memory = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	return memory == -1 ? -1 : ftruncate(memory, 4096);
}

/* Serves until the empty message, 0, or a signal, its number; -1 after an error. */
static int serve(int signals) {
	for (;;) {
		struct pollfd ready[] = {{.fd = signals, .events = POLLIN}, {.fd = mq, .events = POLLIN}};
		if (poll(ready, 2, -1) == -1 && errno != EINTR)
			return -1;
		struct signalfd_siginfo info;
		if (ready[0].revents && read(signals, &info, sizeof info) == sizeof info)
			return info.ssi_signo;
		char text[64];
		if (!ready[1].revents)
			continue;
		ssize_t length = mq_receive(mq, text, sizeof text, NULL);
		if (length == 0)
			return 0;
		if (length == -1 && errno != EINTR)
			return -1;
	}
}

int main(int argc, char **argv) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int anew = argc == 3 && strcmp(argv[1], "--anew") == 0;
	if (argc != 2 + anew)
		return 2;
	name = argv[1 + anew];
	if (anew) {
		mq_unlink(name);
		shm_unlink(name);
	}
	int signals = signalfd(-1, &set, 0);
	int end = signals == -1 || create() == -1 ? -1 : serve(signals);
	clean_up();
	/* One that came while it ended counts as well. */
	sigset_t late;
	sigpending(&late);
	for (int number = 1; end <= 0 && number < 32; number++)
		if (sigismember(&set, number) && sigismember(&late, number))
			end = number;
	return end > 0 ? 128 + end : end == 0 ? 0 : 1;
}
