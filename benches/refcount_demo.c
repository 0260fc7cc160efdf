/* Does in C what refcount_demo does: makes the same calls on the queue, reads the
 * same files in /proc, measures the charge in the same way, and prints a line for
 * each. benches/lesson.rs compares the lesson with this program. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Looks at every descriptor of every process. Counts those that refer to the inode
 * or, if ino is 0, to the whole file system. */
static int scan(dev_t dev, ino_t ino) {
	int found = 0;
	DIR *proc = opendir("/proc");
	for (struct dirent *process; proc && (process = readdir(proc));) {
		if (!isdigit((unsigned char)process->d_name[0]))
			continue;
		char path[300];
		snprintf(path, sizeof path, "/proc/%s/fd", process->d_name);
		DIR *folder = opendir(path);
		for (struct dirent *fd; folder && (fd = readdir(folder));) {
			struct stat st;
			if (!isdigit((unsigned char)fd->d_name[0]))
				continue;
			if (fstatat(dirfd(folder), fd->d_name, &st, 0) == 0)
				found += st.st_dev == dev && (ino == 0 || st.st_ino == ino);
			else if (errno == EACCES)
				break; /* we may not look into this process */
		}
		if (folder)
			closedir(folder);
	}
	if (proc)
		closedir(proc);
	return found;
}

static void look(mqd_t mq) {
	struct stat st;
	struct mq_attr attr;
	char line[256];
	fstat(mq, &st);
	mq_getattr(mq, &attr);
	long n = pread(mq, line, sizeof line - 1, 0);
	line[n > 0 ? n : 0] = 0;
	printf("inode %lu names %lu messages %ld holders %d %s", st.st_ino, st.st_nlink, attr.mq_curmsgs,
	       scan(st.st_dev, st.st_ino), line);
	fflush(stdout);
}

static int probe(rlim_t limit, rlim_t hard, dev_t *dev) {
	struct rlimit new = {limit, hard};
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 1};
	struct stat st;
	setrlimit(RLIMIT_MSGQUEUE, &new);
	mqd_t mq = mq_open("/refcount_bench_probe", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 0;
	mq_unlink("/refcount_bench_probe");
	if (dev && fstat(mq, &st) == 0)
		*dev = st.st_dev;
	close(mq);
	return 1;
}

static void charge(void) {
	struct rlimit limit;
	dev_t dev = 0;
	getrlimit(RLIMIT_MSGQUEUE, &limit);
	probe(limit.rlim_cur, limit.rlim_max, &dev);
	int others = scan(dev, 0);
	rlim_t low = 0, high = limit.rlim_cur;
	while (high - low > 1) {
		rlim_t middle = low + (high - low) / 2;
		if (probe(middle, limit.rlim_max, NULL))
			high = middle;
		else
			low = middle;
	}
	setrlimit(RLIMIT_MSGQUEUE, &limit);
	printf("charge %lu, others %d, %d\n", high - 97, others, scan(dev, 0));
	fflush(stdout);
}

int main(void) {
	static char small[64], buffer[8192];
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 8192};
	struct stat st;
	unsigned prio;
	charge();
	mqd_t mq = mq_open("/refcount_bench", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1) {
		perror("mq_open");
		return 1;
	}
	look(mq);
	printf("send %d\n", mq_send(mq, "hello", 5, 0));
	look(mq);
	printf("unlink %d\n", mq_unlink("/refcount_bench"));
	printf("open %d\n", mq_open("/refcount_bench", O_RDONLY));
	look(mq);
	printf("receive %zd\n", mq_receive(mq, small, sizeof small, &prio));
	mq_getattr(mq, &attr);
	printf("receive %zd\n", mq_receive(mq, buffer, sizeof buffer, &prio));
	charge();
	fstat(mq, &st);
	mq_close(mq);
	printf("holders %d\n", scan(st.st_dev, st.st_ino));
	charge();
	return 0;
}
