/* An unlinked queue exists until its last open file description is closed. */
#include "../../c/claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "/refcount_demo"

static struct stat look(mqd_t mq) {
	struct stat st;
	must(fstat(mq, &st)); /* on Linux a queue descriptor is a file descriptor */
	return st;
}

/* A file in /dev/mqueue shows the status line. The descriptor shows it without a name. */
static int queued_bytes(mqd_t mq) {
	char line[128] = "";
	int bytes = -1;
	must(pread(mq, line, sizeof line - 1, 0));
	sscanf(line, "QSIZE:%d", &bytes);
	return bytes;
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 8192};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	claim("a-new-queue-has-one-name", look(mq).st_nlink);
	must(mq_send(mq, "hello", 5, 0));
	claim("QSIZE-counts-the-bytes-of-the-messages", queued_bytes(mq));

	/* The name is removed, and the queue stays. */
	must(mq_unlink(NAME));
	claim("mq_unlink-removes-the-name-at-once", outcome(mq_open(NAME, O_RDONLY)));
	claim("an-unlinked-queue-has-no-name", look(mq).st_nlink);
	must(mq_getattr(mq, &attr));
	claim("mq_unlink-leaves-the-messages-in-the-queue", attr.mq_curmsgs);

	/* The buffer must have room for the longest message that the queue can hold. */
	char small[64], buffer[8192];
	claim("mq_receive-refuses-a-buffer-smaller-than-mq_msgsize-even-for-a-short-message",
		  outcome(mq_receive(mq, small, sizeof small, NULL)));
	must(mq_getattr(mq, &attr));
	claim("a-refused-mq_receive-leaves-the-message-in-the-queue", attr.mq_curmsgs);
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	must(mq_send(mq, "sent without a name", 19, 0)); /* the queue has no name now */
	ssize_t length = must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim_bytes("a-nameless-queue-still-delivers", buffer, (size_t)length);

	must(mq_close(mq)); /* the last open file description: the queue is destroyed */
	return 0;
}
