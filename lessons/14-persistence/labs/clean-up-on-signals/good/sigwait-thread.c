/* A thread waits for the signals in sigwait, cleans up and ends the process, while the main thread waits in mq_receive. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *name;
static mqd_t mq = -1;
static int memory = -1;
static sigset_t set;

static bool is_ours(int fd) {
	struct stat stat;
	return fd != -1 && fstat(fd, &stat) == 0 && stat.st_nlink > 0;
}

/* Whoever comes first ends the process, and never unlocks. */
static void end(int code) {
	pthread_mutex_lock(&mutex);
	if (is_ours(memory))
		shm_unlink(name);
	if (is_ours(mq))
		mq_unlink(name);
	_exit(code);
}

static void *wait_for_signals(void *unused) {
	int signal;
	while (sigwait(&set, &signal) != 0)
		;
	end(128 + signal);
	return unused;
}

int main(int argc, char **argv) {
	const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	sigemptyset(&set);
	for (int i = 0; i < 3; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	name = argv[argc - 1];
	pthread_t thread;
	pthread_create(&thread, NULL, wait_for_signals, NULL);

	/* Under the lock, so that the other thread finds all that was made. */
	pthread_mutex_lock(&mutex);
	if (argc == 3 && strcmp(argv[1], "--anew") == 0) {
		mq_unlink(name);
		shm_unlink(name);
	}
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mq = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq != (mqd_t)-1)
		memory = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	bool made = memory != -1 && ftruncate(memory, 4096) == 0;
	pthread_mutex_unlock(&mutex);
	if (!made)
		end(1);
	char message[64];
	ssize_t n;
	while ((n = mq_receive(mq, message, sizeof message, NULL)) > 0 || (n == -1 && errno == EINTR))
		fprintf(stderr, "%zd bytes\n", n);
	end(n == 0 ? 0 : 1);
}
