/* mq_setattr and fcntl change the same flag, which a queue's descriptors share after fork and sendmsg. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>

#define NAME "/nonblock_flag"

static mqd_t mq; /* the child inherits it */
static char buffer[64];

static long flags_of(mqd_t mq) {
	struct mq_attr attr;
	must(mq_getattr(mq, &attr));
	return attr.mq_flags;
}

static void set_flag(mqd_t mq, long flags) {
	struct mq_attr attr = {.mq_flags = flags}; /* mq_setattr ignores the other fields */
	must(mq_setattr(mq, &attr, NULL));
}

static void b(int a) {
	const char *waited = outcome(mq_receive(mq, buffer, sizeof buffer, NULL));
	tell(a, waited);
	tell(a, outcome(mq_receive(mq, buffer, sizeof buffer, NULL)));
	hear(a);
	set_flag(mq, 0);
	tell(a, "cleared");
}

/* Sends the descriptor through a socket, and returns the one that arrives. */
static mqd_t through_a_socket(mqd_t mq) {
	int ends[2];
	char byte = 'q';
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &iov,
	                     .msg_iovlen = 1,
	                     .msg_control = &control,
	                     .msg_controllen = sizeof control.room};
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), &mq, sizeof mq);
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	must(sendmsg(ends[0], &msg, 0));
	must(recvmsg(ends[1], &msg, 0));
	mqd_t arrived;
	memcpy(&arrived, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof arrived);
	return arrived;
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(fcntl(mq, F_SETFL, O_NONBLOCK));
	claim("fcntl-sets-the-O_NONBLOCK-that-mq_getattr-shows", flags_of(mq));
	set_flag(mq, 0);
	claim("mq_setattr-clears-the-O_NONBLOCK-that-fcntl-shows", must(fcntl(mq, F_GETFL)) & O_NONBLOCK);

	must(fcntl(mq, F_SETFL, O_APPEND));
	claim("mq_getattr-shows-no-flag-except-O_NONBLOCK", flags_of(mq));
	set_flag(mq, O_NONBLOCK);
	set_flag(mq, 0);
	claim("mq_setattr-leaves-the-other-flags-of-fcntl-unchanged", must(fcntl(mq, F_GETFL)) & O_APPEND);

	pid_t pid;
	int end = begin(b, &pid);
	until_asleep(pid);
	set_flag(mq, O_NONBLOCK);
	must(mq_send(mq, "for B", 5, 0));
	claim("setting-O_NONBLOCK-does-not-end-a-call-that-already-waits", hear(end));
	claim("the-next-call-through-an-inherited-descriptor-does-not-wait", hear(end));
	tell(end, "clear the flag");
	hear(end);
	claim("a-flag-that-a-child-clears-is-cleared-for-its-parent", flags_of(mq));
	finish(pid);

	mqd_t arrived = through_a_socket(mq);
	set_flag(arrived, O_NONBLOCK);
	claim("a-descriptor-sent-through-a-socket-shares-O_NONBLOCK", flags_of(mq));
	mqd_t second = must(mq_open(NAME, O_RDWR));
	claim("a-new-mq_open-begins-without-O_NONBLOCK", flags_of(second));
	must(mq_close(second));
	must(mq_close(arrived));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
