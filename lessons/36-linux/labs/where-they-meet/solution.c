/* Sends a message to a queue of the IPC namespace of a process, without entering it: PROGRAM PID /NAME TEXT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define MQUEUE_MAGIC 0x19800202 /* linux/magic.h has it since Linux 6.10 */

enum { SENT, FAILED, USAGE, NO_PROCESS, NO_QUEUE, FULL, NO_WAY };

/* Says why a call failed, and ends the program. */
static void fail(const char *what, int code) {
	perror(what);
	exit(code);
}

/* Whether the process is in this program's IPC namespace. */
static bool in_this_namespace(long pid) {
	char path[64];
	struct stat own, theirs;
	if (stat("/proc/self/ns/ipc", &own) == -1)
		fail("/proc/self/ns/ipc", FAILED);
	snprintf(path, sizeof path, "/proc/%ld/ns/ipc", pid);
	if (stat(path, &theirs) == -1)
		fail(path, errno == ENOENT ? NO_PROCESS : FAILED);
	return own.st_dev == theirs.st_dev && own.st_ino == theirs.st_ino;
}

/* Opens the queue as a file in the process's mount of mqueue, which is the mount of another namespace than ours. */
static mqd_t open_file(long pid, const char *name) {
	char path[64 + NAME_MAX];
	int length = snprintf(path, sizeof path, "/proc/%ld/root/dev/mqueue", pid);
	struct statfs kind;
	struct stat own, theirs;
	if (statfs(path, &kind) == -1 || stat(path, &theirs) == -1 || stat("/dev/mqueue", &own) == -1)
		fail(path, errno == ENOENT ? NO_WAY : FAILED);
	if (kind.f_type != MQUEUE_MAGIC || theirs.st_dev == own.st_dev) {
		fprintf(stderr, "%s does not show the queues of the process's namespace\n", path);
		exit(NO_WAY);
	}
	snprintf(path + length, sizeof path - length, "%s", name);
	return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

int main(int argc, char **argv) {
	char *end = "not a number";
	long pid = argc == 4 ? strtol(argv[1], &end, 10) : 0;
	if (pid <= 0 || *end != '\0') {
		fprintf(stderr, "use: %s PID /NAME TEXT\n", argv[0]);
		return USAGE;
	}
	bool same = in_this_namespace(pid);
	mqd_t mq = same ? mq_open(argv[2], O_WRONLY | O_NONBLOCK) : open_file(pid, argv[2]);
	if (mq == (mqd_t)-1)
		fail(argv[2], errno == ENOENT ? NO_QUEUE : FAILED);
	if (mq_send(mq, argv[3], strlen(argv[3]), 0) == -1)
		fail("mq_send", errno == EAGAIN ? FULL : FAILED);
	puts(same ? "same" : "other");
	return SENT;
}
