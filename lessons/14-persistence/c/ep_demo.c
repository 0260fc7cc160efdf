/* A program that unlinks first takes the name away from a program that is running. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/stat.h>

#define NAME "/ep_demo"

static mqd_t create(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	return mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
}

/* A second instance unlinks first, as the mq open/close/unlink tutorial does. */
static void second(int first) {
	must(mq_unlink(NAME));
	must(create());
	tell(first, "made");
	hear(first);
}

int main(void) {
	struct mq_attr attr;
	struct stat st;
	mqd_t mq = must(create());
	must(mq_getattr(mq, &attr));
	claim("a-new-queue-has-the-mq_maxmsg-that-was-asked-for", attr.mq_maxmsg);

	must(mq_send(mq, "Test message", 12, 1));
	char buffer[64]; /* mq_msgsize, not the length of the message */
	unsigned int priority;
	ssize_t length = must(mq_receive(mq, buffer, sizeof buffer, &priority));
	claim_bytes("mq_receive-returns-the-bytes-that-were-sent", buffer, (size_t)length);
	claim("mq_receive-returns-the-priority-of-the-message", priority);
	claim("mq_open-with-O_EXCL-fails-in-a-second-instance", outcome(create()));

	pid_t pid;
	int end = begin(second, &pid);
	hear(end);
	must(fstat(mq, &st));
	claim("unlinking-first-takes-the-name-from-a-running-program", st.st_nlink);
	mqd_t client = must(mq_open(NAME, O_WRONLY));
	must(mq_send(client, "for the first", 13, 0));
	must(mq_getattr(mq, &attr));
	claim("messages-from-clients-no-longer-reach-the-first-instance", attr.mq_curmsgs);
	tell(end, "end");
	finish(pid);

	must(mq_close(mq));
	must(mq_unlink(NAME)); /* this is the second one's queue; a name does not say whose it is */
	claim("a-second-clean-up-finds-nothing", outcome(mq_unlink(NAME)));
	return 0;
}
