/* Errors leave by longjmp with the exit code; take puts the descriptor at number 100, out of the way of others. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static jmp_buf leave;

static long need(long result, int code, const char *what) {
	if (result == -1) {
		fprintf(stderr, "%s: %s\n", what, strerror(errno));
		longjmp(leave, code);
	}
	return result;
}

static int connected(const char *path, int code) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strncat(address.sun_path, path, sizeof address.sun_path - 1);
	int fd = need(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), code, "socket");
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1;
	need(connect(fd, (struct sockaddr *)&address, length), code, "connect");
	return fd;
}

static void give(const char *name, const char *path) {
	struct mq_attr attr = {.mq_maxmsg = 3, .mq_msgsize = 64};
	mqd_t mq = need(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr), 1, "mq_open");
	need(mq_unlink(name), 1, "mq_unlink");
	char line[65];
	size_t n = 0;
	while (n < 64 && read(STDIN_FILENO, line + n, 1) == 1 && line[n] != '\n')
		n++;
	need(mq_send(mq, line, n, 0), 1, "mq_send");
	nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);

	union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(mqd_t))]; } control = {
		{.cmsg_len = CMSG_LEN(sizeof mq), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	memcpy(CMSG_DATA(&control.header), &mq, sizeof mq);
	struct iovec byte = {.iov_base = &(char){0}, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	int socket = connected(path, 1);
	need(sendmsg(socket, &message, 0), 1, "sendmsg");
	shutdown(socket, SHUT_RDWR);
}

static void take(const char *path) {
	union { struct cmsghdr header; char room[1024]; } control;
	char byte, text[65];
	struct iovec bytes = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	int socket = connected(path, 255);
	if (need(recvmsg(socket, &message, MSG_CMSG_CLOEXEC), 255, "recvmsg") == 0)
		longjmp(leave, 255);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (!header)
		longjmp(leave, 255);
	int *all = (int *)CMSG_DATA(header), count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int mq = need(fcntl(all[0], F_DUPFD_CLOEXEC, 100), 255, "fcntl");
	while (count > 0)
		close(all[--count]);
	close(socket);
	ssize_t n = need(mq_receive(mq, text, 64, NULL), 255, "mq_receive");
	text[n] = 0;
	exit(strtol(text, NULL, 10));
}

int main(int argc, char **argv) {
	int code = setjmp(leave);
	if (code)
		return code;
	if (argc == 4 && strcmp(argv[1], "give") == 0)
		give(argv[2], argv[3]);
	else if (argc == 3 && strcmp(argv[1], "take") == 0)
		take(argv[2]);
	else
		return 2;
	return 0;
}
