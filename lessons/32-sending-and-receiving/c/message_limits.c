/* mq_send and mq_receive check their arguments before they look at the messages. */
#include "../../c/claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <unistd.h>

#define NAME "/message_limits"

static char buffer[80];

static long curmsgs(mqd_t mq) {
	struct mq_attr attr;
	must(mq_getattr(mq, &attr));
	return attr.mq_curmsgs;
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 8};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr));
	claim("an-empty-queue-refuses-a-short-buffer-with-EMSGSIZE", outcome(mq_receive(mq, buffer, 7, NULL)));
	claim("a-message-of-mq_msgsize-bytes-can-be-sent", outcome(mq_send(mq, "12345678", 8, 0)));
	must(mq_send(mq, "second", 6, 0));
	claim("a-full-queue-refuses-too-long-a-message-with-EMSGSIZE", outcome(mq_send(mq, "123456789", 9, 0)));
	claim("a-buffer-of-mq_msgsize-bytes-is-long-enough", outcome(mq_receive(mq, buffer, 8, NULL)));

	int refused = mq_send(mq, "123456789", 9, 0);
	claim("a-message-refused-with-EMSGSIZE-is-not-added", (bool)(refused == -1 && curmsgs(mq) == 1));

	claim("write-to-a-queue-fails-with-EINVAL", outcome(write(mq, "bytes", 5)));
	ssize_t length = must(read(mq, buffer, sizeof buffer));
	claim("read-of-a-queue-takes-no-message", (bool)(length > 0 && curmsgs(mq) == 1));

	int ends[2];
	must(pipe(ends));
	claim("mq_receive-from-a-pipe-fails-with-EBADF", outcome(mq_receive(ends[0], buffer, 8, NULL)));
	claim("mq_send-to-a-pipe-fails-with-EBADF", outcome(mq_send(ends[0], "x", 1, 0)));
	claim("mq_send-checks-the-priority-before-the-descriptor", outcome(mq_send(ends[0], "x", 1, 32768)));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
