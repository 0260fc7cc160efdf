/* What refers to a queue: descriptors in processes, and descriptors in flight. */
#include "../../c/claim.h"
#include "../../c/holders.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/socket.h>

#define NAME "/what_counts"

/* B inherits what A has open, and then runs another program. */
static void b(int a) {
	hear(a);
	must(fcntl(a, F_SETFD, FD_CLOEXEC)); /* exec closes it, which tells A */
	execl("/bin/sleep", "sleep", "3600", NULL);
}

/* Sends a descriptor through a socket, or receives one. */
static void pass(int socket, int *fd, bool out) {
	char byte = '!';
	struct iovec bytes = {&byte, 1};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.align = {.cmsg_len = 0}};
	struct msghdr message = {.msg_iov = &bytes,
							 .msg_iovlen = 1,
							 .msg_control = control.space,
							 .msg_controllen = sizeof control.space};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	if (out) {
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(rights), fd, sizeof(int));
		must(sendmsg(socket, &message, 0));
	} else {
		must(recvmsg(socket, &message, 0));
		memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	}
}

/* On Linux, fdinfo shows how many descriptors are in flight in a socket. */
static int in_flight(int socket) {
	char path[64], line[128];
	int count = -1;
	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", socket);
	FILE *info = fopen(path, "r");
	if (info == NULL)
		die(path);
	while (fgets(line, sizeof line, info))
		sscanf(line, "scm_fds: %d", &count);
	fclose(info);
	return count;
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	struct stat queue;
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(fstat(mq, &queue));
	int copy = must(dup(mq));
	claim("dup-adds-a-descriptor", descriptors(getpid(), queue));
	must(close(copy));

	pid_t pid;
	int end = begin(b, &pid);
	claim("fork-adds-a-descriptor-in-another-process",
		  descriptors(getpid(), queue) + descriptors(pid, queue));
	char byte;
	tell(end, "exec");
	must(read(end, &byte, 1)); /* returns 0 when B has executed sleep */
	claim("exec-closes-queue-descriptors", descriptors(getpid(), queue) + descriptors(pid, queue));
	kill_and_reap(pid);

	/* Send the descriptor through a Unix socket, close our own, and unlink the name. */
	int ends[2];
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	must(mq_send(mq, "still here", 10, 0));
	pass(ends[0], &mq, true);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	claim("a-descriptor-in-flight-is-in-no-process", descriptors(getpid(), queue));
	claim("the-socket-shows-a-descriptor-in-flight", in_flight(ends[1]));
	pass(ends[1], &mq, false);
	char buffer[64];
	ssize_t length = must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim_bytes("a-queue-received-through-a-socket-still-has-its-messages", buffer, (size_t)length);
	must(mq_close(mq));
	return 0;
}
