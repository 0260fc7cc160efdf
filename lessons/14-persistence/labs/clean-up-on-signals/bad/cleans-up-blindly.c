/* loses: what-somebody-else-made-stays what-has-taken-its-place-stays
 * Its handler removes whatever has the name, whether it has been made yet or not. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *name;

static void clean_up(int signal_number) {
	mq_unlink(name);
	shm_unlink(name);
	_exit(128 + signal_number);
}

static int is_ours(int fd) {
	struct stat stat;
	return fd != -1 && fstat(fd, &stat) == 0 && stat.st_nlink > 0;
}

static int serve(mqd_t mq) {
	for (;;) {
		char message[64];
		ssize_t n = mq_receive(mq, message, sizeof message, NULL);
		if (n == 0)
			return 0;
		if (n == -1 && errno != EINTR)
			return 1;
	}
}

int main(int argc, char **argv) {
	if (argc < 2)
		return 2;
	name = argv[argc - 1];
	struct sigaction action = {.sa_handler = clean_up};
	const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	for (int i = 0; i < 3; i++)
		sigaction(signals[i], &action, NULL);

	if (argc == 3 && strcmp(argv[1], "--anew") == 0) {
		mq_unlink(name);
		shm_unlink(name);
	}
	int code = 1;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = mq_open(name, O_CREAT | O_EXCL | O_RDONLY, 0600, &attr);
	int fd = mq == (mqd_t)-1 ? -1 : shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd != -1 && ftruncate(fd, 4096) == 0)
		code = serve(mq);

	if (is_ours(fd))
		shm_unlink(name);
	if (is_ours(mq))
		mq_unlink(name);
	return code;
}
