/* Each limit of IPC objects belongs to an IPC namespace, and each has its own errno. */
#define _GNU_SOURCE /* unshare */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"
#include "../../c/user.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>

static void put(const char *file, const char *text) {
	int fd = must(open(file, O_WRONLY));
	must(write(fd, text, strlen(text)));
	must(close(fd));
}

/* A namespace in which nothing is, with this one limit set. */
static void limit(const char *name, const char *value) {
	char file[64];
	snprintf(file, sizeof file, "/proc/sys/%s", name);
	must(unshare(CLONE_NEWIPC)); /* the one before goes with what is in it */
	put(file, value);
}

/* What the namespace has. */
static long read_limit(const char *name) {
	char file[64];
	long number = -1;
	snprintf(file, sizeof file, "/proc/sys/%s", name);
	FILE *limit = fopen(file, "r");
	if (limit == NULL || fscanf(limit, "%ld", &number) != 1)
		die(file);
	fclose(limit);
	return number;
}

static int queue(void) {
	return msgget(IPC_PRIVATE, 0600);
}
static int set(int nsems) {
	return semget(IPC_PRIVATE, nsems, 0600);
}
static int segment(size_t size) {
	return shmget(IPC_PRIVATE, size, 0600);
}
static int transmit(int msqid, size_t bytes) {
	struct {
		long mtype;
		char mtext[128];
	} message = {.mtype = 1};
	return msgsnd(msqid, &message, bytes, IPC_NOWAIT);
}
static mqd_t posix_queue(const char *name, long maxmsg, long msgsize) {
	struct mq_attr attr = {.mq_maxmsg = maxmsg, .mq_msgsize = msgsize};
	return mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
}
/* A queue made without attributes. What is unlinked here is charged no longer. */
static struct mq_attr defaults(void) {
	struct mq_attr attr;
	mqd_t mq = must(mq_open("/defaults", O_CREAT | O_EXCL | O_RDWR, 0600, NULL));
	must(mq_getattr(mq, &attr));
	must(mq_unlink("/defaults"));
	must(mq_close(mq));
	return attr;
}
static void without(const char *name, mqd_t mq) {
	must(mq_unlink(name));
	must(mq_close(mq));
}

/* Whoever runs it, B is root where it sets limits: in a user namespace, or as root,
 * without CAP_SYS_RESOURCE, which passes some of them. */
static void rule(void) {
	char uid_map[32], gid_map[32];
	snprintf(uid_map, sizeof uid_map, "0 %u 1", geteuid());
	snprintf(gid_map, sizeof gid_map, "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER) == -1) {
		must(effective(1u << CAP_SYS_ADMIN)); /* for unshare */
		return;
	}
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", uid_map);
	put("/proc/self/gid_map", gid_map);
}

static void b(int a) {
	(void)a;
	rule();
	limit("kernel/msgmax", "64");
	int msqid = must(queue());
	must(transmit(msqid, 64));
	claim("a-text-longer-than-msgmax-is-EINVAL", outcome(transmit(msqid, 65)));
	limit("kernel/msgmnb", "64");
	msqid = must(queue());
	must(transmit(msqid, 64));
	claim("a-queue-with-msgmnb-bytes-is-full", outcome(transmit(msqid, 1)));
	limit("kernel/msgmni", "1");
	must(queue());
	claim("no-more-queues-than-msgmni", outcome(queue()));

	/* sem has four numbers. */
	limit("kernel/sem", "3 32000 500 32000");
	must(set(3));
	claim("no-larger-set-than-the-first-number", outcome(set(4)));
	limit("kernel/sem", "32000 5 500 32000");
	must(set(3));
	claim("no-more-semaphores-in-all-than-the-second", outcome(set(3)));
	limit("kernel/sem", "32000 32000 2 32000");
	struct sembuf operations[3] = {{0, 1, 0}, {0, 1, 0}, {0, 1, 0}};
	int semid = must(set(1));
	must(semop(semid, operations, 2));
	claim("no-more-operations-in-a-semop-than-the-third", outcome(semop(semid, operations, 3)));
	limit("kernel/sem", "32000 32000 500 1");
	must(set(1));
	claim("no-more-sets-than-the-fourth", outcome(set(1)));

	limit("kernel/shmmax", "4096");
	must(segment(4096));
	claim("no-longer-segment-than-shmmax", outcome(segment(4097)));
	limit("kernel/shmall", "1");
	must(segment(1));
	claim("no-more-pages-in-all-than-shmall", outcome(segment(1)));
	limit("kernel/shmmni", "1");
	must(segment(1));
	claim("no-more-segments-than-shmmni", outcome(segment(1)));
	limit("kernel/shm_rmid_forced", "1");
	struct shmid_ds ds;
	int shmid = must(segment(1));
	must(shmdt(must(shmat(shmid, NULL, 0))));
	claim("with-shm_rmid_forced-the-last-shmdt-destroys", outcome(shmctl(shmid, IPC_STAT, &ds)));

	/* What limits nothing. */
	limit("kernel/msg_next_id", "4242");
	claim("msg_next_id-is-the-identifier-of-the-next-queue", queue());
	limit("kernel/sem_next_id", "4242");
	claim("sem_next_id-is-the-identifier-of-the-next-set", set(1));
	limit("kernel/shm_next_id", "4242");
	claim("shm_next_id-is-the-identifier-of-the-next-segment", segment(1));
	limit("kernel/auto_msgmni", "1");
	claim("auto_msgmni-leaves-msgmni-alone", read_limit("kernel/msgmni"));

	/* POSIX queues. */
	limit("fs/mqueue/queues_max", "1");
	mqd_t mq = must(posix_queue("/within", 1, 1));
	claim("no-more-posix-queues-than-queues_max", outcome(posix_queue("/beyond", 1, 1)));
	without("/within", mq);
	limit("fs/mqueue/msg_max", "2");
	mq = must(posix_queue("/within", 2, 1));
	claim("mq_maxmsg-above-msg_max-is-EINVAL", outcome(posix_queue("/beyond", 3, 1)));
	without("/within", mq);
	limit("fs/mqueue/msgsize_max", "128");
	mq = must(posix_queue("/within", 1, 128));
	claim("mq_msgsize-above-msgsize_max-is-EINVAL", outcome(posix_queue("/beyond", 1, 129)));
	without("/within", mq);
	limit("fs/mqueue/msg_default", "3");
	claim("msg_default-is-mq_maxmsg-where-none-is-given", defaults().mq_maxmsg);
	limit("fs/mqueue/msgsize_default", "256");
	claim("msgsize_default-is-mq_msgsize-where-none-is-given", defaults().mq_msgsize);

	limit("kernel/msgmax", "64");
	must(unshare(CLONE_NEWIPC));
	claim("a-new-namespace-does-not-inherit-its-limits", read_limit("kernel/msgmax"));
}

int main(void) {
	pid_t pid;
	int msqid = must(queue());
	begin(b, &pid);
	finish(pid);
	claim("what-B-has-set-does-not-bind-A", outcome(transmit(msqid, 65)));
	must(msgctl(msqid, IPC_RMID, NULL));
	return 0;
}
