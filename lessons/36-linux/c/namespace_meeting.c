/* Two processes meet in a queue if they are in one IPC namespace, or if one gives the other a descriptor. */
#define _GNU_SOURCE /* unshare, setns */
#include "../../c/container.h"
#include "../../c/turns.h"

#define NAME "/namespace_meeting"

static mqd_t mq; /* the parent's queue, which all children inherit */
static int user, ipc; /* B's namespaces */

static mqd_t create(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	return mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
}

static ino_t ipc_of(pid_t pid) {
	char path[64];
	struct stat status;
	snprintf(path, sizeof path, "/proc/%d/ns/ipc", pid);
	must(stat(path, &status));
	return status.st_ino;
}

static void claim_message(const char *id, mqd_t queue) {
	char buffer[64];
	ssize_t length = must(mq_receive(queue, buffer, sizeof buffer, NULL));
	claim_bytes(id, buffer, length);
}

/* B, in an IPC namespace of its own. */
static void b(int end) {
	claim("a-forked-process-is-in-the-IPC-namespace-of-its-parent", (bool)(ipc_of(getpid()) == ipc_of(getppid())));
	unsigned int all = permitted();
	must(effective(0));
	claim("unshare-CLONE_NEWIPC-without-CAP_SYS_ADMIN-fails-with-EPERM", outcome(unshare(CLONE_NEWIPC)));
	must(effective(all)); /* root takes its capabilities back; other users have none */
	if (enter_user_namespace(0, 0, CLONE_NEWIPC) == -1)
		must(unshare(CLONE_NEWIPC)); /* root needs no user namespace */
	claim("in-a-new-user-namespace-a-process-may-create-IPC-namespaces", outcome(unshare(CLONE_NEWIPC)));
	mqd_t own = create();
	claim("O_EXCL-creates-a-queue-whose-name-exists-in-another-namespace", outcome(own));
	must(mq_send(own, "for B", 5, 0));
	must(mq_send(mq, "from B", 6, 0)); /* the descriptor that B has inherited */
	tell(end, "ready");
	hear(end);
}

static void c(int end) {
	(void)end;
	claim("setns-of-a-namespace-of-another-kind-fails-with-EINVAL", outcome(setns(user, CLONE_NEWIPC)));
	must(effective(0));
	claim("setns-into-an-IPC-namespace-without-CAP_SYS_ADMIN-fails-with-EPERM", outcome(setns(ipc, CLONE_NEWIPC)));
}

static void d(int end) {
	(void)end;
	enter_user(user);
	must(setns(ipc, CLONE_NEWIPC));
	mqd_t found = mq_open(NAME, O_RDWR | O_NONBLOCK);
	claim("an-open-proc-PID-ns-ipc-keeps-the-namespace-and-its-queues", outcome(found));
	claim_message("after-setns-a-name-means-the-queue-of-that-namespace", must(found));
}

int main(void) {
	pid_t pid;
	mq = must(create());
	int end = begin(b, &pid);
	hear(end);
	claim("proc-PID-ns-ipc-has-another-st_ino-in-another-namespace", (bool)(ipc_of(pid) != ipc_of(getpid())));
	claim("a-message-stays-in-the-namespace-of-its-queue", attributes(mq).mq_curmsgs);
	claim_message("an-inherited-descriptor-sends-to-a-queue-of-another-namespace", mq);
	user = namespace_of(pid, "user");
	ipc = namespace_of(pid, "ipc");
	in_a_child(c);
	tell(end, "end");
	finish(pid); /* B's namespace has no process now */
	in_a_child(d);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
