/* /proc/PID/ns/ipc is the way into an IPC namespace. While it is open, the namespace and its queues exist. */
#define _GNU_SOURCE /* unshare, setns */
#include "../../c/container.h"
#include "../../c/turns.h"

#define NAME "/namespace_entry"

static int user, ipc; /* B's namespaces */

static mqd_t create(const char *message) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(mq_send(mq, message, strlen(message), 0));
	return mq;
}

/* B, in an IPC namespace of its own. */
static void b(int end) {
	if (enter_user_namespace(0, 0, CLONE_NEWIPC) == -1)
		must(unshare(CLONE_NEWIPC)); /* root needs no user namespace */
	create("in the queue of B");
	tell(end, "ready");
	hear(end);
}

static void c(int end) {
	(void)end;
	claim("setns-of-a-namespace-of-another-kind-fails-with-EINVAL", outcome(setns(user, CLONE_NEWIPC)));
	must(effective(0)); /* only root has capabilities to drop */
	claim("setns-into-an-IPC-namespace-without-CAP_SYS_ADMIN-fails-with-EPERM", outcome(setns(ipc, CLONE_NEWIPC)));
}

static void d(int end) {
	(void)end;
	char buffer[64];
	enter_user(user);
	must(setns(ipc, CLONE_NEWIPC));
	mqd_t found = mq_open(NAME, O_RDWR);
	claim("an-open-proc-PID-ns-ipc-keeps-the-namespace-and-its-queues", outcome(found));
	ssize_t length = must(mq_receive(must(found), buffer, sizeof buffer, NULL));
	claim_bytes("after-setns-a-name-means-the-queue-of-that-namespace", buffer, length);
}

int main(void) {
	pid_t pid;
	mqd_t mq = create("in the queue of A");
	int end = begin(b, &pid);
	hear(end);
	user = namespace_of(pid, "user");
	ipc = namespace_of(pid, "ipc");
	in_a_child(c);
	tell(end, "end");
	finish(pid); /* no process is in B's namespace now */
	in_a_child(d);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
