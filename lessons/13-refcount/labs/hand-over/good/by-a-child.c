/* Fork-happy: a child creates the queue, its child hands it over, and exit codes come back; take sets the flag itself. */
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char room[4096];

static int connected(const char *path) {
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, path);
	if (connect(fd, (void *)&address, sizeof address) == -1)
		exit(255);
	return fd;
}

static int code_of(pid_t child) {
	int status;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int hand_over(mqd_t mq, const char *path) {
	struct iovec byte = {"q", 1};
	struct msghdr message = {
		.msg_iov = &byte, .msg_iovlen = 1, .msg_control = room, .msg_controllen = CMSG_SPACE(sizeof mq)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_len = CMSG_LEN(sizeof mq);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(header), &mq, sizeof mq);
	return sendmsg(connected(path), &message, 0) == 1 ? 0 : 1;
}

static int give(const char *name, const char *path) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	mqd_t mq = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == -1 || mq_unlink(name) == -1)
		return 1;
	char line[100];
	if (!fgets(line, sizeof line, stdin))
		return 1;
	line[strcspn(line, "\n")] = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(mq_send(mq, line, strlen(line), 0) == -1 ? 1 : hand_over(mq, path));
	return code_of(child);
}

static int take(const char *path) {
	int fd = connected(path), mq = -1;
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	poll(&readable, 1, -1);
	char byte, text[65] = {0};
	struct iovec bytes = {&byte, 1};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
	if (recvmsg(fd, &message, 0) <= 0 || message.msg_controllen < CMSG_LEN(sizeof mq))
		return 255;
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	for (size_t at = CMSG_LEN(0); at < header->cmsg_len; at += sizeof(int)) {
		int one;
		memcpy(&one, (char *)header + at, sizeof one);
		if (mq == -1)
			mq = one;
		else
			close(one);
	}
	fcntl(mq, F_SETFD, FD_CLOEXEC);
	if (mq_receive(mq, text, 64, NULL) == -1)
		return 255;
	return atoi(text);
}

int main(int argc, char **argv) {
	if (argc == 3)
		return take(argv[2]);
	pid_t child = fork();
	if (child == 0)
		exit(give(argv[2], argv[3]));
	return code_of(child);
}
