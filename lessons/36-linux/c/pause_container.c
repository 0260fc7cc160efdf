/* The objects of a pod exist while a container is in its namespaces: the one that created them may end. */
#define _GNU_SOURCE /* unshare, setns */
#include "../../c/container.h"
#include "../../c/turns.h"
#include <sys/mman.h>

#define NAME "/pause_container"

static int user, ipc, mounts; /* the namespaces of the pod */

static void create(const char *content) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(mq_send(mq, content, strlen(content), 0));
	must(mq_send(mq, content, strlen(content), 0));
	must(write(must(shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600)), content, strlen(content)));
}

/* P, the first container. */
static void p(int end) {
	become_container();
	create("pod");
	tell(end, "ready");
	hear(end); /* it is killed here */
}

static void claim_message(const char *id) {
	char buffer[64];
	ssize_t length = must(mq_receive(must(mq_open(NAME, O_RDWR)), buffer, sizeof buffer, NULL));
	claim_bytes(id, buffer, length);
}

static void b(int end) {
	char buffer[64];
	enter_user(user);
	must(setns(ipc, CLONE_NEWIPC));
	must(setns(mounts, CLONE_NEWNS));
	ssize_t length = must(read(must(shm_open(NAME, O_RDONLY, 0)), buffer, sizeof buffer));
	claim_bytes("a-container-that-joins-both-uses-the-shared-memory-of-the-pod", buffer, length);
	claim_message("a-container-that-joins-both-uses-the-queue-of-the-pod");
	tell(end, "ready");
	hear(end);
	claim_message("the-queue-of-a-pod-outlives-the-container-that-created-it");
}

int main(void) {
	pid_t first, second;
	create("outside");
	hear(begin(p, &first));
	user = namespace_of(first, "user");
	ipc = namespace_of(first, "ipc");
	mounts = namespace_of(first, "mnt");
	int end = begin(b, &second);
	hear(end);
	must(close(user));
	must(close(ipc));
	must(close(mounts)); /* only P and B hold the namespaces now */
	kill_and_reap(first);
	tell(end, "P has ended");
	finish(second);
	must(mq_unlink(NAME));
	must(shm_unlink(NAME));
	return 0;
}
