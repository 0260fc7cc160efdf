/* A process that waits for SIGTERM with sigwait can clean up outside a handler, where every call is safe. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>

#define NAME "/sigwait_demo"

static void b(int a) {
	int number;
	sigset_t sigterm;
	sigemptyset(&sigterm);
	sigaddset(&sigterm, SIGTERM);
	must(sigprocmask(SIG_BLOCK, &sigterm, NULL));
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	tell(a, "waiting");
	sigwait(&sigterm, &number);
	must(mq_close(mq));
	must(mq_unlink(NAME));
}

int main(void) {
	pid_t pid;
	int end = begin(b, &pid);
	hear(end);
	must(kill(pid, SIGTERM));
	finish(pid);
	claim("a-process-that-waits-for-SIGTERM-can-clean-up", outcome(mq_open(NAME, O_RDONLY)));
	return 0;
}
