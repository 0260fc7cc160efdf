/* With EPOLLET, epoll reports each send and each receive, but not the message of a sender that waited. */
#include "../../c/claim.h"
#include "../../c/polling.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <unistd.h>

#define NAME "/epoll_edge"

static char buffer[64];

static void b(int a) {
	mqd_t mq = must(mq_open(NAME, O_RDWR)); /* without O_NONBLOCK */
	tell(a, "I have opened the queue");
	must(mq_send(mq, "from B", 6, 0));
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 3, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr));
	int set = must(epoll_create1(EPOLL_CLOEXEC));

	must(enter(set, EPOLL_CTL_ADD, mq, EPOLLIN, 7));
	must(mq_send(mq, "1", 1, 0));
	must(mq_send(mq, "2", 1, 0));
	events_of(set);
	claim("level-triggered-epoll-reports-the-same-messages-again", events_of(set));

	must(mq_send(mq, "3", 1, 0));
	must(enter(set, EPOLL_CTL_MOD, mq, EPOLLIN | EPOLLET, 7));
	events_of(set);
	claim("with-EPOLLET-epoll-does-not-report-the-same-messages-again", events_of(set));
	must(enter(set, EPOLL_CTL_MOD, mq, EPOLLIN | EPOLLET, 7));
	claim("EPOLL_CTL_MOD-makes-EPOLLET-report-the-same-messages-again", events_of(set));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim("with-EPOLLET-a-receive-makes-epoll-report-the-queue-again", events_of(set));
	must(mq_send(mq, "4", 1, 0));
	claim("with-EPOLLET-a-send-to-a-queue-with-messages-is-an-event", events_of(set));
	mq_send(mq, "5", 1, 0); /* there is no room for a fourth message */
	claim("with-EPOLLET-a-failed-mq_send-is-no-event", events_of(set));

	int ends[2], of_socket = must(epoll_create1(EPOLL_CLOEXEC));
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	must(enter(of_socket, EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLET, 8));
	must(write(ends[1], "ab", 2));
	events_of(of_socket);
	must(read(ends[0], buffer, 1));
	claim("with-EPOLLET-a-read-from-a-socket-is-no-event", events_of(of_socket));

	pid_t pid;
	int end = begin(b, &pid);
	hear(end);
	until_asleep(pid);
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim("with-EPOLLET-the-message-of-a-waiting-sender-is-no-event", events_of(set));
	must(mq_getattr(mq, &attr));
	claim("a-queue-without-an-event-can-be-full", attr.mq_curmsgs);
	finish(pid);

	int taken = 0;
	while (mq_receive(mq, buffer, sizeof buffer, NULL) != -1)
		taken++;
	claim("a-drain-loop-also-gets-the-messages-without-an-event", taken);
	claim("with-EPOLLET-the-receive-that-empties-the-queue-is-no-event", events_of(set));

	must(enter(set, EPOLL_CTL_MOD, mq, EPOLLIN | EPOLLONESHOT, 7));
	must(mq_send(mq, "1", 1, 0));
	events_of(set);
	must(mq_send(mq, "2", 1, 0));
	claim("after-one-event-EPOLLONESHOT-reports-no-further-message", events_of(set));
	must(enter(set, EPOLL_CTL_MOD, mq, EPOLLIN | EPOLLONESHOT, 7));
	claim("EPOLL_CTL_MOD-rearms-an-EPOLLONESHOT-entry", events_of(set));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
