/* It opens an existing queue first, halves the range of numbers with queues of its own that are removed at once,
 * and clears O_NONBLOCK before the command starts. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long setting(const char *path, long wish) {
	FILE *file = fopen(path, "r");
	long most;
	if (file == NULL || fscanf(file, "%ld", &most) != 1)
		exit(1);
	fclose(file);
	return most < wish ? most : wish;
}

static int create(const char *name, long maxmsg, long msgsize) {
	struct mq_attr attr = {.mq_maxmsg = maxmsg, .mq_msgsize = msgsize};
	return mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
}

static long largest(long maxmsg, long msgsize) {
	char probe[32];
	sprintf(probe, "/probe.%d", (int)getpid());
	long most = 0;
	while (most < maxmsg) {
		long middle = most + (maxmsg - most + 1) / 2;
		int mq = create(probe, middle, msgsize);
		if (mq == -1) {
			maxmsg = middle - 1;
		} else {
			mq_unlink(probe);
			mq_close(mq);
			most = middle;
		}
	}
	return most;
}

int main(int argc, char **argv) {
	char end;
	long maxmsg, msgsize;
	if (argc < 4 || sscanf(argv[2], "%ld%c", &maxmsg, &end) != 1 || sscanf(argv[3], "%ld%c", &msgsize, &end) != 1)
		return 2;
	if (maxmsg < 1 || msgsize < 1)
		return 2;
	const char *word = "existing";
	int mq;
	while ((mq = mq_open(argv[1], O_RDWR | O_NONBLOCK)) == -1) {
		if (errno != ENOENT)
			return 1;
		word = "created";
		mq = create(argv[1], maxmsg, msgsize);
		if (mq == -1 && (errno == EINVAL || errno == EMFILE)) {
			word = "reduced";
			long size = setting("/proc/sys/fs/mqueue/msgsize_max", msgsize);
			long most = largest(setting("/proc/sys/fs/mqueue/msg_max", maxmsg), size);
			if (most == 0)
				return 3;
			mq = create(argv[1], most, size);
		}
		if (mq != -1)
			break;
		if (errno != EEXIST)
			return 1;
		word = "existing";
	}
	struct mq_attr attr;
	if (mq_getattr(mq, &attr) == -1)
		return 1;
	printf("%s %ld %ld\n", word, attr.mq_maxmsg, attr.mq_msgsize);
	fflush(stdout);
	if (argc == 4)
		return 0;
	attr.mq_flags = 0;
	mq_setattr(mq, &attr, NULL);
	int copy = dup(mq); /* without FD_CLOEXEC */
	if (copy != 3)
		dup2(copy, 3);
	if (copy > 3)
		close(copy);
	execvp(argv[4], argv + 4);
	return 1;
}
