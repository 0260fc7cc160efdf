/* A queue has no end that hangs up: poll reports neither mq_unlink nor the last close by a sender. */
#include "../../c/claim.h"
#include "../../c/polling.h"
#include <fcntl.h>
#include <mqueue.h>
#include <unistd.h>

#define NAME "/poll_hangup"

/* Asks for both events. POLLHUP is reported to everybody, asked or not. */
static const char *events(int fd) {
	return ask(fd, POLLIN | POLLOUT);
}

int main(void) {
	int ends[2];
	must(pipe(ends));
	must(close(ends[1]));
	claim("poll-reports-POLLHUP-for-a-pipe-without-a-writer", events(ends[0]));

	char buffer[64];
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = sizeof buffer};
	mqd_t sender = must(mq_open(NAME, O_CREAT | O_EXCL | O_WRONLY, 0600, &attr));
	mqd_t receiver = must(mq_open(NAME, O_RDONLY));
	must(mq_unlink(NAME));
	claim("mq_unlink-is-no-event-for-poll", events(receiver));
	must(mq_send(sender, "still here", 10, 0));
	claim("an-unlinked-queue-still-becomes-readable", events(receiver));

	must(mq_receive(receiver, buffer, sizeof buffer, NULL));
	must(mq_close(sender));
	claim("poll-reports-no-POLLHUP-when-the-last-sender-closes-the-queue", events(receiver));

	must(mq_close(receiver));
	claim("poll-reports-POLLNVAL-for-a-closed-queue", events(receiver));
	return 0;
}
