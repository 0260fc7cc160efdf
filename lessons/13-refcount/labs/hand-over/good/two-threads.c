/* A thread talks to the socket, another one to the queue, and the main thread joins both. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *path;
static mqd_t queue = -1;
static int code;

static int connected(void) {
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	return connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static void *hand_over(void *unused) {
	char room[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec byte = {"!", 1};
	struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	*header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(header), &queue, sizeof queue);
	code = sendmsg(connected(), &message, MSG_NOSIGNAL) != 1;
	return unused;
}

static void *receive_descriptor(void *unused) {
	/* Room for all that one message can carry: those behind the first are closed. */
	static char room[CMSG_SPACE(253 * sizeof(int))];
	char byte;
	struct iovec bytes = {&byte, 1};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
	if (recvmsg(connected(), &message, MSG_CMSG_CLOEXEC) != 1)
		return unused;
	for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
		int *all = (int *)CMSG_DATA(header);
		for (size_t i = 0; i < (header->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++)
			if (queue == -1)
				queue = all[i];
			else
				close(all[i]);
	}
	return unused;
}

static void *receive_message(void *unused) {
	char text[65];
	ssize_t n = queue == -1 ? -1 : mq_receive(queue, text, 64, NULL);
	text[n < 0 ? 0 : n] = 0;
	code = n < 0 ? 255 : (int)strtol(text, NULL, 10);
	return unused;
}

static void in_a_thread(void *(*work)(void *)) {
	pthread_t thread;
	pthread_create(&thread, NULL, work, NULL);
	pthread_join(thread, NULL);
}

int main(int argc, char **argv) {
	path = argv[argc - 1];
	if (argc == 3 && strcmp(argv[1], "take") == 0) {
		in_a_thread(receive_descriptor);
		in_a_thread(receive_message);
		return code;
	}
	if (argc != 4)
		return 2;
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	queue = mq_open(argv[2], O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (queue == -1)
		return 1;
	mq_unlink(argv[2]);
	char *line = NULL;
	size_t size = 0;
	ssize_t n = getline(&line, &size, stdin);
	if (n > 0 && line[n - 1] == '\n')
		n--;
	if (n < 0 || mq_send(queue, line, n, 0) == -1)
		return 1;
	in_a_thread(hand_over);
	return code;
}
