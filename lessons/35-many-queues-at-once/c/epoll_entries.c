/* An epoll set watches open file descriptions: a dup or a child keeps an entry after the descriptor is closed. */
#include "../../c/claim.h"
#include "../../c/polling.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <unistd.h>

#define NAME "/epoll_entries"

static mqd_t create(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	return must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
}

static void keep_the_descriptor(int a) {
	tell(a, "I have it, too");
	hear(a);
}

int main(void) {
	char buffer[64];
	mqd_t mq = create();
	must(mq_send(mq, "hello", 5, 0));
	int set = must(epoll_create1(EPOLL_CLOEXEC));
	must(enter(set, EPOLL_CTL_ADD, mq, EPOLLIN, 1));
	claim("EPOLL_CTL_ADD-of-the-same-descriptor-is-EEXIST", outcome(enter(set, EPOLL_CTL_ADD, mq, EPOLLIN, 2)));
	int copy = must(dup(mq));
	claim("EPOLL_CTL_ADD-of-a-dup-makes-a-second-entry", outcome(enter(set, EPOLL_CTL_ADD, copy, EPOLLIN, 2)));
	claim("one-message-is-an-event-for-each-entry", ready(set, 0));
	must(epoll_ctl(set, EPOLL_CTL_DEL, copy, NULL));
	claim("EPOLL_CTL_DEL-removes-one-entry", ready(set, 0));

	/* The set refers to the description and to the number of the closed descriptor. */
	must(mq_close(mq));
	claim("a-dup-keeps-the-entry-of-a-closed-descriptor", ready(set, 0));
	claim("EPOLL_CTL_DEL-through-the-dup-does-not-find-that-entry",
	      outcome(epoll_ctl(set, EPOLL_CTL_DEL, copy, NULL)));
	must(close(copy));
	claim("the-last-close-of-the-description-removes-the-entry", ready(set, 0));

	pid_t pid;
	mq = must(mq_open(NAME, O_RDWR));
	must(enter(set, EPOLL_CTL_ADD, mq, EPOLLIN, 3));
	int end = begin(keep_the_descriptor, &pid);
	hear(end);
	must(mq_close(mq));
	claim("a-child-keeps-the-entry-of-a-descriptor-that-its-parent-closed", ready(set, 0));
	kill_and_reap(pid);
	claim("the-end-of-the-child-removes-the-entry", ready(set, 0));

	mqd_t old = must(mq_open(NAME, O_RDWR));
	must(mq_receive(old, buffer, sizeof buffer, NULL));
	must(enter(set, EPOLL_CTL_ADD, old, EPOLLIN, 4));
	must(mq_unlink(NAME));
	mqd_t new = create();
	must(mq_send(new, "for the new queue", 17, 0));
	claim("a-message-to-a-new-queue-with-the-old-name-is-no-event", ready(set, 0));
	must(mq_send(old, "for the old queue", 17, 0));
	claim("a-message-to-an-unlinked-queue-is-an-event", ready(set, 0));
	must(mq_close(old));
	must(mq_close(new));
	must(mq_unlink(NAME));
	return 0;
}
