/* Closing an object ends this process's use of it, and deletes nothing. */
#include "../../c/claim.h"
#include "../../c/holders.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>

static int notify_pid(mqd_t mq) {
	char line[128] = "";
	int pid = -1;
	must(pread(mq, line, sizeof line - 1, 0));
	sscanf(strstr(line, "NOTIFY_PID:"), "NOTIFY_PID:%d", &pid);
	return pid;
}

static sem_t *open_semaphore(const char *name) {
	sem_t *sem = sem_open(name, 0);
	if (sem == SEM_FAILED)
		die("sem_open");
	return sem;
}

int main(void) {
	/* Send a message to a queue, and close the queue. */
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	struct stat st;
	mqd_t mq = must(mq_open("/close_demo_mq", O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(mq_send(mq, "kept", 4, 0));
	must(fstat(mq, &st));
	must(mq_close(mq));
	claim("after-mq_close-no-process-has-the-queue-open", descriptors(getpid(), st));
	mq = must(mq_open("/close_demo_mq", O_RDWR));
	must(mq_getattr(mq, &attr));
	claim("a-closed-queue-keeps-its-messages", attr.mq_curmsgs);

	/* Ask for a notification through one descriptor, and close another one. */
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	mqd_t other = must(mq_open("/close_demo_mq", O_RDONLY));
	must(mq_notify(mq, &none));
	if (notify_pid(mq) != getpid()) /* NOTIFY_PID is the process that asked */
		die("mq_notify");
	must(mq_close(other));
	claim("closing-any-descriptor-of-the-queue-withdraws-the-notification-request", notify_pid(mq));
	must(mq_close(mq));
	must(mq_unlink("/close_demo_mq"));

	/* Open a semaphore of value 3 twice in one process. */
	sem_t *sem = sem_open("/close_demo_sem", O_CREAT | O_EXCL, 0600, 3);
	if (sem == SEM_FAILED)
		die("sem_open");
	sem_t *twice = open_semaphore("/close_demo_sem");
	claim("two-sem_open-calls-with-one-name-return-the-same-address", (bool)(sem == twice));
	must(sem_close(twice));
	sem_t *spelled = open_semaphore("close_demo_sem");
	claim("another-spelling-of-the-name-gives-another-address", (bool)(sem == spelled));
	must(sem_close(spelled));
	must(stat("/dev/shm/sem.close_demo_sem", &st));
	claim("each-sem_open-needs-its-own-sem_close", mappings(getpid(), st.st_ino));
	must(sem_wait(sem));
	must(sem_close(sem));
	claim("the-last-sem_close-unmaps-the-semaphore", mappings(getpid(), st.st_ino));
	int value;
	sem = open_semaphore("/close_demo_sem");
	must(sem_getvalue(sem, &value));
	claim("a-closed-semaphore-keeps-its-value", value);
	must(sem_close(sem));
	must(sem_unlink("/close_demo_sem"));

	/* Map shared memory, and close its descriptor. */
	int fd = must(shm_open("/close_demo_shm", O_CREAT | O_EXCL | O_RDWR, 0600));
	must(ftruncate(fd, 4096));
	char *memory = must(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	must(fstat(fd, &st));
	must(close(fd));
	strcpy(memory, "Hello from shared memory");
	claim("a-mapping-outlives-its-descriptor", mappings(getpid(), st.st_ino));
	claim("after-close-no-descriptor-refers-to-the-memory", descriptors(getpid(), st));
	must(munmap(memory, 4096));
	fd = must(shm_open("/close_demo_shm", O_RDONLY, 0));
	memory = must(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	claim_bytes("shared-memory-keeps-its-bytes-after-close-and-munmap", memory, 24);

	/* There is no shm_close. Use munmap for the mapping and close for the descriptor. */
	must(munmap(memory, 4096));
	must(close(fd));
	must(shm_unlink("/close_demo_shm"));
	claim("after-shm_unlink-there-is-no-such-object", outcome(shm_open("/close_demo_shm", O_RDONLY, 0)));
	return 0;
}
