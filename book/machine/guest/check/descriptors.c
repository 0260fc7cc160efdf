/* The side of `peer` that sends and receives descriptors through a Unix socket. */
#define _GNU_SOURCE
#include "peer.h"
#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST 8

static int listening(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(listener, (void *)&address, sizeof address) == -1 || listen(listener, 1) == -1)
		err(1, "%s", path);
	return listener;
}

/* Prints how many bytes and descriptors have come, and the messages of the queue. */
void take(char **words) {
	char bytes[64], go[200], text[8192], control[CMSG_SPACE(MOST * sizeof(int))];
	int listener = listening(words[0]), count = 0;
	snprintf(go, sizeof go, "%s.go", words[0]);
	while (access(go, F_OK) == -1)
		usleep(20000);
	struct iovec data = {bytes, sizeof bytes};
	struct msghdr header = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	ssize_t size = recvmsg(accept(listener, NULL, NULL), &header, 0);
	struct cmsghdr *first = size > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	if (first)
		count = (first->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	printf("bytes %zd descriptors %d\n", size, count);
	if (!first)
		return;
	mqd_t mq = *(int *)CMSG_DATA(first);
	fcntl(mq, F_SETFL, O_NONBLOCK);
	while ((size = mq_receive(mq, text, sizeof text, NULL)) >= 0) {
		printf("message ");
		print(text, size);
	}
}

/* Sends one byte with COUNT descriptors: the first is a queue with the messages, the others are pipes. Then waits until the
 * program has ended, and prints how many messages are left. */
void give(char **words) {
	int listener = listening(words[0]), count = atoi(words[1]), descriptors[MOST], both[2];
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t mq = mq_open("/given", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1 || mq_unlink("/given") == -1)
		err(1, "mq_open");
	for (words += 2; *words; words++)
		mq_send(mq, *words, strlen(*words), 0);
	descriptors[0] = mq;
	for (int i = 1; i < count && i < MOST; i++)
		if (pipe(both) == 0)
			descriptors[i] = both[1];
	union {
		struct cmsghdr first;
		char bytes[CMSG_SPACE(MOST * sizeof(int))];
	} control = {.first = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(count * sizeof(int))}};
	memcpy(CMSG_DATA(&control.first), descriptors, count * sizeof(int));
	struct iovec data = {"x", 1};
	struct msghdr header = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
	if (count == 0)
		header.msg_control = NULL, header.msg_controllen = 0;
	int connection = accept(listener, NULL, NULL);
	if (sendmsg(connection, &header, 0) == -1)
		err(1, "sendmsg");
	char byte;
	while (read(connection, &byte, 1) > 0)
		;
	mq_getattr(mq, &attr);
	printf("messages left %ld\n", attr.mq_curmsgs);
}
