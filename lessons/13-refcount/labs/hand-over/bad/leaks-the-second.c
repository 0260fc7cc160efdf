/* loses: what-nobody-asked-for-is-closed
 * Has room for one descriptor, as CMSG_SPACE counts it, and does not ask whether two came. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static int connect_to(const char *path) {
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == -1)
		exit(255);
	return fd;
}

static int give(const char *name, const char *path) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	mqd_t mq = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink(name);
	char line[64];
	if (!fgets(line, sizeof line, stdin))
		return 1;
	mq_send(mq, line, strcspn(line, "\n"), 0);

	struct iovec byte = {.iov_base = "q", .iov_len = 1};
	union control control = {.header = {
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	memcpy(CMSG_DATA(&control.header), &mq, sizeof mq);
	struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof control};
	int socket = connect_to(path);
	return sendmsg(socket, &message, 0) != 1;
}

static int receive_one(int socket) {
	char byte;
	struct iovec bytes = {.iov_base = &byte, .iov_len = 1};
	union control control;
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof control};
	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	if (!CMSG_FIRSTHDR(&message))
		return -1;
	int fd;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
	return fd;
}

static int take(const char *path) {
	mqd_t mq = receive_one(connect_to(path));
	char message[65] = {0};
	if (mq == -1 || mq_receive(mq, message, 64, NULL) == -1)
		return 255;
	return atoi(message);
}

int main(int argc, char **argv) {
	if (argc == 4 && strcmp(argv[1], "give") == 0)
		return give(argv[2], argv[3]);
	return argc == 3 && strcmp(argv[1], "take") == 0 ? take(argv[2]) : 2;
}
