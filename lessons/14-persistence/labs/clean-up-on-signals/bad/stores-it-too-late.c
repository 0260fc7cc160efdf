/* loses: a-signal-at-any-call-leaves-nothing
 * A handler removes what the two variables name; but when a signal comes as mq_open returns, nothing is stored in them yet. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *name;
static volatile mqd_t mq = -1;
static volatile int memory = -1;

static int is_mine(int fd) {
	struct stat about;
	return fd != -1 && fstat(fd, &about) == 0 && about.st_nlink > 0;
}

static void clean_up(void) {
	if (is_mine(mq))
		mq_unlink(name);
	if (is_mine(memory))
		shm_unlink(name);
}

static void end(int signal) {
	clean_up();
	_exit(128 + signal);
}

int main(int argc, char **argv) {
	struct sigaction act = {.sa_handler = end};
	sigaddset(&act.sa_mask, SIGINT);
	sigaddset(&act.sa_mask, SIGTERM);
	sigaddset(&act.sa_mask, SIGHUP);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	int anew = argc == 3 && strcmp(argv[1], "--anew") == 0;
	name = argv[1 + anew];
	if (anew) {
		mq_unlink(name);
		shm_unlink(name);
	}
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mq = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == -1)
		return 1;
	memory = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (memory == -1 || ftruncate(memory, 4096) == -1) {
		clean_up();
		return 1;
	}
	for (;;) {
		char text[64];
		ssize_t length = mq_receive(mq, text, sizeof text, NULL);
		if (length == 0 || (length == -1 && errno != EINTR)) {
			clean_up();
			return length != 0;
		}
	}
}
