/* Other settings choose the next identifier, and set the limits and the defaults of POSIX queues. */
#define _GNU_SOURCE /* unshare */
#include "../../c/claim.h"
#include "../../c/limits.h"
#include "../../c/private.h"
#include "../../c/turns.h"
#include <mqueue.h>

static mqd_t posix_queue(const char *name, long maxmsg, long msgsize) {
	struct mq_attr attr = {.mq_maxmsg = maxmsg, .mq_msgsize = msgsize};
	return mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
}
/* The attributes of a queue that is created without any. It is unlinked here, and no longer charged. */
static struct mq_attr defaults(void) {
	struct mq_attr attr;
	mqd_t mq = must(mq_open("/defaults", O_CREAT | O_EXCL | O_RDWR, 0600, NULL));
	must(mq_getattr(mq, &attr));
	must(mq_unlink("/defaults"));
	must(mq_close(mq));
	return attr;
}
static void without(const char *name, mqd_t mq) {
	must(mq_unlink(name));
	must(mq_close(mq));
}

static void b(int a) {
	(void)a;
	rule();
	limit("kernel/msg_next_id", "4242");
	claim("msg_next_id-is-the-identifier-of-the-next-queue", queue());
	limit("kernel/sem_next_id", "4242");
	claim("sem_next_id-is-the-identifier-of-the-next-set", set(1));
	limit("kernel/shm_next_id", "4242");
	claim("shm_next_id-is-the-identifier-of-the-next-segment", segment(1));
	limit("kernel/auto_msgmni", "1");
	claim("auto_msgmni-leaves-msgmni-alone", read_limit("kernel/msgmni"));

	/* POSIX queues. */
	limit("fs/mqueue/queues_max", "1");
	mqd_t mq = must(posix_queue("/within", 1, 1));
	claim("more-posix-queues-than-queues_max-fail-with-ENOSPC", outcome(posix_queue("/beyond", 1, 1)));
	without("/within", mq);
	limit("fs/mqueue/msg_max", "2");
	mq = must(posix_queue("/within", 2, 1));
	claim("mq_maxmsg-above-msg_max-is-EINVAL", outcome(posix_queue("/beyond", 3, 1)));
	without("/within", mq);
	limit("fs/mqueue/msgsize_max", "128");
	mq = must(posix_queue("/within", 1, 128));
	claim("mq_msgsize-above-msgsize_max-is-EINVAL", outcome(posix_queue("/beyond", 1, 129)));
	without("/within", mq);
	limit("fs/mqueue/msg_default", "3");
	claim("msg_default-is-mq_maxmsg-where-none-is-given", defaults().mq_maxmsg);
	limit("fs/mqueue/msgsize_default", "256");
	claim("msgsize_default-is-mq_msgsize-where-none-is-given", defaults().mq_msgsize);
}

int main(void) {
	pid_t pid;
	begin(b, &pid);
	finish(pid);
	return 0;
}
