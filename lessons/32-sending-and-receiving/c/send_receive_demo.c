/* A message is sent and received as a whole, in contrast to the bytes in a pipe. */
#include "../../c/claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <string.h>
#include <unistd.h>

#define NAME "/send_receive_demo"

static char buffer[8];

int main(void) {
	int ends[2];
	must(pipe(ends));
	must(write(ends[1], "one", 3));
	must(write(ends[1], "two", 3));
	ssize_t length = must(read(ends[0], buffer, 8));
	claim_bytes("a-pipe-joins-what-two-calls-have-written", buffer, length);
	must(write(ends[1], "three", 5));
	length = must(read(ends[0], buffer, 2));
	claim_bytes("a-short-read-takes-a-part-of-what-one-write-has-written", buffer, length);
	must(read(ends[0], buffer, 8));

	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 8};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr));
	must(mq_send(mq, "one", 3, 0));
	must(mq_send(mq, "two", 3, 0));
	memset(buffer, '.', 8);
	length = must(mq_receive(mq, buffer, 8, NULL));
	claim_bytes("mq_receive-returns-one-message-even-if-two-fit", buffer, length);
	claim_bytes("mq_receive-leaves-the-rest-of-the-buffer-alone", buffer, 8);
	claim("the-pointer-for-the-priority-may-be-null", outcome(mq_receive(mq, buffer, 8, NULL)));

	unsigned priority;
	must(mq_send(mq, "", 0, 7));
	claim("mq_receive-of-an-empty-message-returns-0", must(mq_receive(mq, buffer, 8, &priority)));
	claim("an-empty-message-has-a-priority", priority);
	close(ends[1]);
	claim("read-returns-0-when-no-process-can-write-to-the-pipe", must(read(ends[0], buffer, 8)));

	mqd_t reader = must(mq_open(NAME, O_RDONLY | O_NONBLOCK));
	must(mq_close(mq));
	claim("mq_receive-reports-no-end-when-no-process-can-send", outcome(mq_receive(reader, buffer, 8, NULL)));
	mqd_t writer = must(mq_open(NAME, O_WRONLY | O_NONBLOCK));
	must(mq_close(reader));
	must(mq_unlink(NAME));
	claim("mq_send-succeeds-although-no-process-can-ever-receive", outcome(mq_send(writer, "nobody", 6, 0)));
	must(mq_close(writer));
	return 0;
}
