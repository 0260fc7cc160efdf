/* Messages outlive the producer that sent them. */
#include "../../c/claim.h"
#include "../../c/holders.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>

#define NAME "/lifecycle_demo"

/* Only the producer creates the queue, and it does not unlink it. */
static mqd_t create(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	return mq_open(NAME, O_CREAT | O_EXCL | O_WRONLY, 0600, &attr);
}

static void produce(int end) {
	(void)end;
	mqd_t mq = must(create());
	must(mq_send(mq, "Data from producer process", 26, 1));
	must(mq_send(mq, "Urgent, though sent later", 25, 5));
	must(mq_close(mq));
}

int main(void) {
	pid_t pid;
	begin(produce, &pid);
	finish(pid);

	mqd_t mq = must(mq_open(NAME, O_RDONLY | O_NONBLOCK));
	struct mq_attr attr;
	struct stat queue;
	must(mq_getattr(mq, &attr));
	must(fstat(mq, &queue));
	claim("messages-outlive-their-sender", attr.mq_curmsgs);
	claim("exit-leaves-the-name", queue.st_nlink);
	claim("no-descriptor-of-the-exited-producer-is-left", descriptors(getpid(), queue));
	claim("a-second-producer-gets-EEXIST", outcome(create()));

	char buffer[64];
	unsigned int first, second;
	must(mq_receive(mq, buffer, sizeof buffer, &first));
	must(mq_receive(mq, buffer, sizeof buffer, &second));
	claim("a-message-of-higher-priority-comes-first-even-if-it-was-sent-last", (bool)(first > second));
	claim("a-non-blocking-mq_receive-from-an-emptied-queue-fails-with-EAGAIN", outcome(mq_receive(mq, buffer, sizeof buffer, NULL)));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
