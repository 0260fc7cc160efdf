/* A thread gets the queue; a child executes the command, through a second opening of the queue. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char **arguments;
static struct mq_attr wish, got;
static mqd_t mq = -1;
static const char *how = "created";
static int failure;

static long setting(const char *path) {
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || read(fd, text, sizeof text - 1) <= 0)
		exit(1);
	close(fd);
	return atol(text);
}

static void *work(void *nothing) {
	struct mq_attr attr = wish;
	long most = setting("/proc/sys/fs/mqueue/msg_max"), longest = setting("/proc/sys/fs/mqueue/msgsize_max");
	for (;;) {
		mq = mq_open(arguments[1], O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
		if (mq != -1 || errno == ENAMETOOLONG || errno == EACCES)
			break;
		if (errno == EEXIST) {
			mq = mq_open(arguments[1], O_RDWR | O_NONBLOCK);
			how = "existing";
			if (mq != -1 || errno != ENOENT)
				break;
			how = "created";
		} else if (errno == EINVAL && (attr.mq_maxmsg > most || attr.mq_msgsize > longest)) {
			how = "reduced";
			attr.mq_maxmsg = attr.mq_maxmsg > most ? most : attr.mq_maxmsg;
			attr.mq_msgsize = attr.mq_msgsize > longest ? longest : attr.mq_msgsize;
		} else if (errno == EMFILE && attr.mq_maxmsg > 1) {
			how = "reduced";
			attr.mq_maxmsg = attr.mq_maxmsg > most ? most : attr.mq_maxmsg - 1;
		} else {
			break;
		}
	}
	failure = mq == -1 || mq_getattr(mq, &got) == -1 ? errno : 0;
	return nothing;
}

int main(int argc, char **argv) {
	arguments = argv;
	for (int n = 2; n < 4; n++)
		for (char *digit = argc < 4 ? "-" : argv[n]; *digit; digit++)
			if (*digit < '0' || *digit > '9')
				return 2;
	wish.mq_maxmsg = atol(argv[2]);
	wish.mq_msgsize = atol(argv[3]);
	if (wish.mq_maxmsg == 0 || wish.mq_msgsize == 0)
		return 2;
	pthread_t thread;
	if (pthread_create(&thread, NULL, work, NULL) != 0)
		return 1;
	pthread_join(thread, NULL);
	if (failure)
		return failure == EMFILE ? 3 : 1;
	dprintf(STDOUT_FILENO, "%s %ld %ld\n", how, got.mq_maxmsg, got.mq_msgsize);
	if (argc == 4)
		return 0;
	pid_t child = fork();
	if (child == 0) {
		/* This opening has a flag of its own: O_NONBLOCK stays with the parent. */
		int own = fcntl(mq_open(argv[1], O_RDWR), F_DUPFD, 10);
		dup2(own, 3);
		close(own);
		execvp(argv[4], argv + 4);
		_exit(1);
	}
	int status;
	if (child == -1 || waitpid(child, &status, 0) == -1)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
