/* The containers of a pod share an IPC namespace and the tmpfs on /dev/shm. Each of them covers other objects. */
#define _GNU_SOURCE /* unshare, setns */
#include "../../c/container.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"
#include <semaphore.h>
#include <sys/mman.h>

#define NAME "/pod_demo"
#define KEY 0x706f64

static int user, ipc, mounts; /* the namespaces of the pod */

/* Creates the four objects. Only their content tells whose they are. */
static void create_all(const char *content, unsigned int value) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_RDWR, 0600, &attr));
	must(mq_send(mq, content, strlen(content), 0));
	if (sem_open(NAME, O_CREAT, 0600, value) == SEM_FAILED)
		die("sem_open");
	must(write(must(shm_open(NAME, O_CREAT | O_RDWR, 0600)), content, strlen(content)));
	must(post(must(msgget(KEY, IPC_CREAT | 0600)), content));
}

static const char *message(mqd_t mq) {
	static char buffer[65];
	buffer[must(mq_receive(mq, buffer, 64, NULL))] = '\0';
	return buffer;
}

static const char *memory(void) {
	static char buffer[65];
	buffer[must(read(must(shm_open(NAME, O_RDWR, 0)), buffer, 64))] = '\0';
	return buffer;
}

static int semaphore(void) {
	int value;
	sem_t *sem = sem_open(NAME, 0);
	if (sem == SEM_FAILED)
		die("sem_open");
	must(sem_getvalue(sem, &value));
	return value;
}

/* P, the first container. */
static void p(int end) {
	become_container();
	create_all("pod", 2);
	tell(end, "ready");
	hear(end);
}

static void b(int end) {
	(void)end;
	enter_user(user);
	must(setns(ipc, CLONE_NEWIPC));
	claim("a-container-in-an-IPC-namespace-uses-its-System-V-objects", take(must(msgget(KEY, 0)), IPC_NOWAIT));
	claim("joining-an-IPC-namespace-does-not-change-the-shared-memory-of-shm_open", memory());
	claim("joining-an-IPC-namespace-does-not-change-the-semaphores-of-sem_open", semaphore());
}

static void c(int end) {
	(void)end;
	enter_user(user);
	must(setns(mounts, CLONE_NEWNS));
	claim("containers-with-one-dev-shm-share-memory-without-an-IPC-namespace", memory());
	claim("containers-with-one-dev-shm-share-semaphores-without-an-IPC-namespace", semaphore());
	claim("containers-with-one-dev-shm-do-not-share-queue-names", message(must(mq_open(NAME, O_RDWR))));
	claim("containers-with-one-dev-shm-do-not-share-System-V-keys", take(must(msgget(KEY, 0)), IPC_NOWAIT));
	mqd_t file = must(open(MQUEUE NAME, O_RDWR));
	claim("the-mount-of-another-container-gives-access-to-its-queues", message(file));
}

int main(void) {
	pid_t first;
	create_all("outside", 1);
	int end = begin(p, &first);
	hear(end);
	user = namespace_of(first, "user");
	ipc = namespace_of(first, "ipc");
	mounts = namespace_of(first, "mnt");
	in_a_child(b);
	in_a_child(c);
	tell(end, "end");
	finish(first);
	must(mq_unlink(NAME));
	must(sem_unlink(NAME));
	must(shm_unlink(NAME));
	must(msgctl(must(msgget(KEY, 0)), IPC_RMID, NULL));
	return 0;
}
