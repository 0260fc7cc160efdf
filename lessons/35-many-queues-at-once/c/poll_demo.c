/* poll tells for several queues at once which of them can be received from and which can be sent to. */
#include "../../c/claim.h"
#include "../../c/polling.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/select.h>

#define NAME "/poll_demo"

static mqd_t create(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	return must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
}

/* Asks for all that a queue can report. */
static const char *events(mqd_t mq) {
	return ask(mq, POLLIN | POLLOUT);
}

int main(void) {
	char buffer[64];
	mqd_t mq = create();
	claim("an-empty-queue-has-POLLOUT-only", events(mq));
	must(mq_send(mq, "urgent", 6, 32767));
	claim("a-queue-with-a-message-and-room-has-both-events", events(mq));
	must(mq_send(mq, "patient", 7, 0));
	claim("a-full-queue-has-POLLIN-only", events(mq));
	claim("a-message-of-the-highest-priority-is-not-POLLPRI", ask(mq, POLLIN | POLLPRI));

	mqd_t writer = must(mq_open(NAME, O_WRONLY));
	claim("poll-reports-POLLIN-for-a-descriptor-that-cannot-receive", events(writer));
	mqd_t reader = must(mq_open(NAME, O_RDONLY));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim("poll-reports-POLLOUT-for-a-descriptor-that-cannot-send", events(reader));

	must(mq_unlink(NAME)); /* the descriptor is enough, and the second queue can have the name */
	mqd_t second = create();
	struct pollfd fds[] = {{.fd = mq, .events = POLLIN}, {.fd = second, .events = POLLIN}};
	claim("poll-returns-0-if-its-time-ends-before-a-message-arrives", must(poll(fds, 2, 10)));
	must(mq_send(second, "for the second", 14, 0));
	claim("poll-returns-the-number-of-queues-with-events", must(poll(fds, 2, -1)));
	claim("revents-tells-which-queue-has-a-message",
	      fds[0].revents == 0 && fds[1].revents == POLLIN ? "0, POLLIN" : "other");
	fd_set set;
	FD_ZERO(&set);
	FD_SET(mq, &set);
	FD_SET(second, &set);
	must(select(second + 1, &set, NULL, NULL, NULL));
	claim("select-leaves-only-the-queue-with-a-message-in-its-set",
	      (bool)(FD_ISSET(second, &set) && !FD_ISSET(mq, &set)));

	must(mq_close(mq));
	must(mq_close(writer));
	must(mq_close(reader));
	must(mq_close(second));
	must(mq_unlink(NAME));
	return 0;
}
