/* Hands over a queue without a name: PROGRAM give /NAME SOCKET, and PROGRAM take SOCKET */
#define _GNU_SOURCE /* MSG_CMSG_CLOEXEC */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LONGEST = 64 };

/* Room for a header with one descriptor behind it, aligned as a header must be. */
union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static int connect_to(const char *path) {
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	if (fd == -1 || connect(fd, (struct sockaddr *)&address, sizeof address) == -1) {
		perror(path);
		exit(255);
	}
	return fd;
}

static int give(const char *name, const char *path) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = LONGEST};
	mqd_t mq = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1) {
		perror("mq_open");
		return 1;
	}
	mq_unlink(name);
	char line[LONGEST];
	if (!fgets(line, sizeof line, stdin) || mq_send(mq, line, strcspn(line, "\n"), 0) == -1)
		return 1;

	struct iovec byte = {.iov_base = "q", .iov_len = 1};
	union control control = {.header = {
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	memcpy(CMSG_DATA(&control.header), &mq, sizeof mq);
	struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof control};
	return sendmsg(connect_to(path), &message, 0) != 1;
}

/* The first descriptor that comes with a byte; -1 if none does. */
static int receive_one(int socket) {
	char byte;
	struct iovec bytes = {.iov_base = &byte, .iov_len = 1};
	union control control;
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof control};
	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	int first = -1;
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
		memcpy(&first, CMSG_DATA(header), sizeof first);
		/* The alignment leaves room for a second one. All that came are open, and ours to close. */
		for (size_t at = CMSG_LEN(sizeof(int)); at < header->cmsg_len; at += sizeof(int)) {
			int extra;
			memcpy(&extra, (char *)header + at, sizeof extra);
			close(extra);
		}
	}
	return first;
}

static int take(const char *path) {
	mqd_t mq = receive_one(connect_to(path));
	char message[LONGEST + 1] = {0};
	if (mq == -1 || mq_receive(mq, message, LONGEST, NULL) == -1)
		return 255;
	return atoi(message);
}

int main(int argc, char **argv) {
	if (argc == 4 && strcmp(argv[1], "give") == 0)
		return give(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "take") == 0)
		return take(argv[2]);
	fprintf(stderr, "use: %s give /NAME SOCKET, or %s take SOCKET\n", argv[0], argv[0]);
	return 2;
}
