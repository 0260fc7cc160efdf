/* A consumer opens the queue that a producer has left, receives the messages, and unlinks it. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>

#define NAME "/lifecycle_demo"

/* The producer creates the queue, sends, and exits; it does not unlink. */
static void produce(int end) {
	(void)end;
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_WRONLY, 0600, &attr));
	must(mq_send(mq, "Data from producer process", 26, 1));
	must(mq_send(mq, "Urgent, though sent later", 25, 5));
	must(mq_close(mq));
}

int main(void) {
	claim("a-consumer-that-starts-first-gets-ENOENT", outcome(mq_open(NAME, O_RDONLY)));
	pid_t pid;
	begin(produce, &pid);
	finish(pid);

	mqd_t mq = must(mq_open(NAME, O_RDONLY));
	claim("mq_send-through-a-read-only-descriptor-fails-with-EBADF", outcome(mq_send(mq, "back", 4, 0)));
	char buffer[64];
	unsigned int priority;
	must(mq_receive(mq, buffer, sizeof buffer, &priority));
	claim("the-highest-priority-comes-first", priority);
	must(mq_receive(mq, buffer, sizeof buffer, &priority));
	claim("the-lower-priority-comes-second", priority);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	claim("after-the-consumer-has-unlinked-the-queue-nobody-can-open-it", outcome(mq_open(NAME, O_RDONLY)));
	return 0;
}
