/* A child process goes to the folder by chdir, asks poll whether the queue has room, and sends; the parent prints.
 * It reads in /proc/PID/mounts whether the folder is a mount of mqueue. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether the last line of the process's mounts for /dev/mqueue has the type mqueue. */
static int has_mount(const char *pid) {
	char path[64], line[4096], at[4096], type[64];
	snprintf(path, sizeof path, "/proc/%s/mounts", pid);
	FILE *mounts = fopen(path, "r");
	if (mounts == NULL)
		exit(1);
	int has = 0;
	while (fgets(line, sizeof line, mounts) != NULL)
		if (sscanf(line, "%*s %4095s %63s", at, type) == 2 && strcmp(at, "/dev/mqueue") == 0)
			has = strcmp(type, "mqueue") == 0;
	fclose(mounts);
	return has;
}

static int send_from_child(const char *pid, int same, const char *name, const char *text) {
	struct stat own, theirs;
	char path[64];
	snprintf(path, sizeof path, "/proc/%s/root/dev/mqueue", pid);
	mqd_t mq;
	if (same) {
		mq = mq_open(name, O_WRONLY);
	} else {
		if (!has_mount(pid))
			return 6;
		if (stat("/dev/mqueue", &own) == -1 || chdir(path) == -1 || stat(".", &theirs) == -1)
			return 1;
		if (own.st_dev == theirs.st_dev)
			return 6;
		mq = open(name + 1, O_WRONLY);
	}
	if (mq == (mqd_t)-1)
		return errno == ENOENT ? 4 : 1;
	struct pollfd room = {.fd = mq, .events = POLLOUT};
	if (poll(&room, 1, 0) == 0)
		return 5;
	struct mq_attr waits_not = {.mq_flags = O_NONBLOCK}; /* another sender may be faster */
	mq_setattr(mq, &waits_not, NULL);
	if (mq_send(mq, text, strlen(text), 0) == -1)
		return errno == EAGAIN ? 5 : 1;
	return 0;
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	char *end;
	unsigned long pid = strtoul(argv[1], &end, 10);
	if (pid == 0 || pid > INT_MAX || *end != '\0')
		return 2;
	char path[64];
	snprintf(path, sizeof path, "/proc/%lu/ns/ipc", pid);
	struct stat own, theirs;
	if (stat(path, &theirs) == -1)
		return errno == ENOENT ? 3 : 1;
	if (stat("/proc/self/ns/ipc", &own) == -1)
		return 1;
	int same = own.st_ino == theirs.st_ino;
	pid_t child = fork();
	if (child == 0)
		_exit(send_from_child(argv[1], same, argv[2], argv[3]));
	int status;
	if (child == -1 || waitpid(child, &status, 0) == -1 || !WIFEXITED(status))
		return 1;
	if (WEXITSTATUS(status) == 0)
		puts(same ? "same" : "other");
	return WEXITSTATUS(status);
}
