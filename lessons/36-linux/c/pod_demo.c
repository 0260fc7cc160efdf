/* A pod shares two things: an IPC namespace, and the tmpfs on /dev/shm. Each covers other objects. */
#define _GNU_SOURCE /* unshare, setns */
#include "../../c/container.h"
#include "../../c/turns.h"
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/msg.h>

#define NAME "/pod_demo"
#define KEY 0x706f64

static int user, ipc, mounts; /* the namespaces of the pod */

static const char *find_semaphore(void) {
	return sem_open(NAME, 0) == SEM_FAILED ? outcome(-1) : "success";
}

/* P, the first container. */
static void p(int end) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	become_container();
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_RDWR, 0600, &attr));
	must(mq_send(mq, "for the pod", 11, 0));
	if (sem_open(NAME, O_CREAT, 0600, 1) == SEM_FAILED)
		die("sem_open");
	must(shm_open(NAME, O_CREAT | O_RDWR, 0600));
	must(msgget(KEY, IPC_CREAT | 0600));
	tell(end, "ready");
	hear(end); /* it is killed here */
}

static void b(int end) {
	(void)end;
	enter_user(user);
	must(setns(ipc, CLONE_NEWIPC));
	claim("an-IPC-namespace-contains-the-System-V-objects-of-its-containers", outcome(msgget(KEY, 0)));
	claim("an-IPC-namespace-does-not-contain-shared-memory-of-shm_open", outcome(shm_open(NAME, O_RDWR, 0)));
	claim("an-IPC-namespace-does-not-contain-semaphores-of-sem_open", find_semaphore());
}

static void c(int end) {
	char buffer[64];
	(void)end;
	enter_user(user);
	must(setns(mounts, CLONE_NEWNS));
	claim("containers-with-one-dev-shm-share-memory-without-an-IPC-namespace", outcome(shm_open(NAME, O_RDWR, 0)));
	claim("containers-with-one-dev-shm-share-semaphores-without-an-IPC-namespace", find_semaphore());
	claim("containers-with-one-dev-shm-do-not-share-queue-names", outcome(mq_open(NAME, O_RDWR)));
	claim("containers-with-one-dev-shm-do-not-share-System-V-keys", outcome(msgget(KEY, 0)));
	mqd_t file = must(open(MQUEUE NAME, O_RDWR));
	ssize_t length = must(mq_receive(file, buffer, sizeof buffer, NULL));
	claim_bytes("the-mount-of-another-container-gives-access-to-its-queues", buffer, length);
}

static void d(int end) {
	enter_user(user);
	must(setns(ipc, CLONE_NEWIPC));
	must(setns(mounts, CLONE_NEWNS));
	must(shm_open(NAME, O_RDWR, 0));
	claim("a-container-that-joins-both-finds-the-shared-memory-and-the-queue", outcome(mq_open(NAME, O_RDWR)));
	tell(end, "ready");
	hear(end);
	claim("the-queue-of-a-pod-outlives-the-container-that-created-it", outcome(mq_open(NAME, O_RDWR)));
}

int main(void) {
	pid_t first, last;
	hear(begin(p, &first));
	user = namespace_of(first, "user");
	ipc = namespace_of(first, "ipc");
	mounts = namespace_of(first, "mnt");
	in_a_child(b);
	in_a_child(c);
	int end = begin(d, &last);
	hear(end);
	kill_and_reap(first);
	tell(end, "P has ended");
	finish(last);
	return 0;
}
