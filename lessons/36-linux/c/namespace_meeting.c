/* Two processes meet in a queue if they are in one IPC namespace, or if one gives the other a descriptor. */
#define _GNU_SOURCE /* unshare */
#include "../../c/container.h"
#include "../../c/turns.h"
#include <sys/shm.h>

#define NAME "/namespace_meeting"

static mqd_t mq; /* the parent's queue, which the child inherits */

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

/* B has no capabilities. */
static void b(int end) {
	(void)end;
	claim("a-forked-process-is-in-the-IPC-namespace-of-its-parent", (bool)(ipc_of(getpid()) == ipc_of(getppid())));
	must(effective(0)); /* only root has capabilities to drop */
	claim("unshare-CLONE_NEWIPC-without-CAP_SYS_ADMIN-fails-with-EPERM", outcome(unshare(CLONE_NEWIPC)));
}

/* C, in an IPC namespace of its own. */
static void c(int end) {
	if (enter_user_namespace(0, 0, CLONE_NEWIPC) == -1)
		must(unshare(CLONE_NEWIPC)); /* root needs no user namespace */
	char *memory = shmat(must(shmget(IPC_PRIVATE, 4096, 0600)), NULL, 0);
	strcpy(memory, "kept");
	claim("in-a-new-user-namespace-a-process-may-create-IPC-namespaces", outcome(unshare(CLONE_NEWIPC)));
	bool kept = strcmp(memory, "kept") == 0;
	claim("memory-attached-before-unshare-can-be-used-and-detached-after-it", (bool)(shmdt(memory) == 0 && kept));
	mqd_t own = create();
	claim("O_EXCL-creates-a-queue-whose-name-exists-in-another-namespace", outcome(own));
	must(mq_send(own, "for C", 5, 0));
	must(mq_send(mq, "from C", 6, 0)); /* the descriptor that C has inherited */
	tell(end, "ready");
	hear(end);
}

int main(void) {
	pid_t pid;
	char buffer[64];
	mq = must(create());
	in_a_child(b);
	int end = begin(c, &pid);
	hear(end);
	claim("proc-PID-ns-ipc-has-another-st_ino-in-another-namespace", (bool)(ipc_of(pid) != ipc_of(getpid())));
	claim("a-message-stays-in-the-namespace-of-its-queue", attributes(mq).mq_curmsgs);
	ssize_t length = must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim_bytes("an-inherited-descriptor-sends-to-a-queue-of-another-namespace", buffer, length);
	tell(end, "end");
	finish(pid);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
