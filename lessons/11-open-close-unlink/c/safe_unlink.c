/* mq_unlink removes the name of whichever queue has it now, even if that queue is not yours. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/stat.h>

#define NAME "/safe_unlink"

static mqd_t create(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	return mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
}

/* It is no error if there is nothing to remove. */
static bool removed(void) {
	if (mq_unlink(NAME) == 0)
		return true;
	if (errno != ENOENT)
		die("mq_unlink");
	return false;
}

/* Removes the name, unless this queue has already lost it. Another process can take the
 * name between fstat and mq_unlink: no call does both in one step. */
static bool remove_if_mine(mqd_t mq) {
	struct stat st;
	must(fstat(mq, &st));
	return st.st_nlink != 0 && removed();
}

/* A second server for the same name: careful first, then careless. */
static void careless(int a) {
	hear(a);
	claim("O_EXCL-without-unlink-does-not-disturb-a-running-server", outcome(create()));
	claim("unlink-takes-the-name-from-a-running-server", outcome(mq_unlink(NAME)));
	claim("after-an-unlink-O_EXCL-does-not-stop-a-second-server", outcome(create()));
	tell(a, "done");
	hear(a);
}

int main(void) {
	claim("unlinking-a-name-that-does-not-exist-is-ENOENT", outcome(mq_unlink(NAME)));
	must(mq_close(must(create())));
	claim("unlink-needs-no-open-descriptor", removed());
	claim("a-second-unlink-finds-nothing", removed());

	/* Server A creates its queue, and a client opens the queue. Then B runs. */
	pid_t pid;
	int b = begin(careless, &pid);
	mqd_t mine = must(create());
	mqd_t client = must(mq_open(NAME, O_WRONLY));
	tell(b, "go");
	hear(b);
	mqd_t newcomer = must(mq_open(NAME, O_WRONLY));
	must(mq_send(client, "to A", 4, 0));
	must(mq_send(newcomer, "to B", 4, 0));
	struct mq_attr attr;
	must(mq_getattr(mine, &attr));
	claim("two-clients-of-one-name-reach-two-queues", attr.mq_curmsgs);

	/* A ends and cleans up. Should it unlink the name? */
	struct stat st;
	must(fstat(mine, &st));
	claim("st_nlink-0-shows-that-the-queue-has-lost-its-name", st.st_nlink);
	remove_if_mine(mine);
	struct stat of_b;
	must(fstat(newcomer, &of_b));
	mqd_t theirs = mq_open(NAME, O_RDWR);
	claim("a-cleanup-that-checks-st_nlink-keeps-the-name-of-the-other-queue",
		  (bool)(fstat(theirs, &st) == 0 && st.st_ino == of_b.st_ino));
	tell(b, "end");
	finish(pid);
	must(fstat(theirs, &st));
	claim("st_nlink-1-shows-that-the-queue-still-has-its-name", st.st_nlink);
	remove_if_mine(theirs);
	claim("after-the-cleanup-the-name-is-free", outcome(mq_open(NAME, O_RDWR)));
	return 0;
}
