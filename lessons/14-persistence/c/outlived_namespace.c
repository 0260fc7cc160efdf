/* A queue outlives its IPC namespace as long as a process has it open or a mount shows it. */
#define _GNU_SOURCE /* unshare */
#include "../../c/limits.h"
#include <mqueue.h>

#define NAME "/outlived_namespace"

int main(void) {
	char buffer[64];
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	rule(); /* enters a user namespace, in which it may create IPC namespaces */
	must(unshare(CLONE_NEWIPC));
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(unshare(CLONE_NEWIPC)); /* the old one has no process now */
	claim("a-process-that-changes-its-ipc-namespace-cannot-open-its-old-queue-by-name",
		  outcome(mq_open(NAME, O_RDONLY)));
	must(mq_send(mq, "sent afterwards", 15, 0));
	ssize_t length = must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim("an-open-queue-delivers-after-the-last-process-has-left-its-ipc-namespace",
		  (bool)(length == 15 && memcmp(buffer, "sent afterwards", 15) == 0));
	return 0;
}
