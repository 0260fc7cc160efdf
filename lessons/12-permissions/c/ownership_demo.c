/* A new object belongs to the effective user; a POSIX one cannot be given away. */
#define _GNU_SOURCE /* setresuid */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include "../../c/user.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/stat.h>

#define NAME "/ownership_demo"

static mqd_t create(const char *name) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	return must(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
}

/* Whose is a queue that this process makes? */
static const char *owner(void) {
	static char text[16];
	struct stat st;
	must(fstat(create("/ownership_demo_2"), &st));
	must(mq_unlink("/ownership_demo_2"));
	snprintf(text, sizeof text, "%u", st.st_uid);
	return text;
}

/* A process of root's changes its ids, one by one. */
static void b(int a) {
	char creator[16];
	struct msqid_ds ds;
	if (setresuid(-1, NOBODY, -1) == -1 || getuid() != 0) {
		for (int i = 0; i < 3; i++)
			tell(a, "not seen"); /* it takes root */
		return;
	}
	tell(a, owner()); /* the real one is 0 */
	setfsuid(0); /* the effective one stays */
	tell(a, owner());
	int msqid = must(msgget(IPC_PRIVATE, 0600));
	must(msgctl(msqid, IPC_STAT, &ds));
	must(msgctl(msqid, IPC_RMID, NULL));
	snprintf(creator, sizeof creator, "%u", ds.msg_perm.cuid);
	tell(a, creator);
}

/* An uid that does not exist in this user namespace is refused before the right is looked at. */
static const char *exists(const char *got) {
	return strcmp(got, "EINVAL") == 0 ? "not seen" : got;
}

int main(void) {
	struct stat st;
	int shm = must(shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600));
	must(fstat(shm, &st));
	claim("new-shared-memory-belongs-to-the-effective-user", st.st_uid);
	if (sem_open(NAME, O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED)
		die("sem_open");
	must(stat("/dev/shm/sem.ownership_demo", &st));
	claim("a-new-semaphore-belongs-to-the-effective-user", st.st_uid);
	mqd_t mq = create(NAME);
	must(fstat(mq, &st));
	claim("a-new-queue-belongs-to-the-effective-user", st.st_uid);
	claim("a-new-queue-belongs-to-the-effective-group", st.st_gid);
	must(sem_unlink(NAME));
	must(shm_unlink(NAME));

	pid_t pid;
	int end = begin(b, &pid); /* while it has its capabilities */
	claim("a-queue-belongs-to-the-effective-user-and-not-to-the-real-one", hear(end));
	claim("a-queue-belongs-to-the-filesystem-user-and-not-to-the-effective-one", hear(end));
	claim("a-system-v-queue-belongs-to-the-effective-user-whatever-the-filesystem-user", hear(end));
	finish(pid);

	/* Given away, without capabilities: first a POSIX queue, then one of System V. */
	uid_t somebody = geteuid() == NOBODY ? 0 : NOBODY;
	struct msqid_ds ds;
	must(effective(0)); /* root may give anything away */
	claim("an-owner-may-not-give-its-posix-queue-away", exists(outcome(fchown(mq, somebody, -1))));
	must(mq_unlink(NAME));
	int msqid = must(msgget(IPC_PRIVATE, 0600));
	must(msgctl(msqid, IPC_STAT, &ds));
	ds.msg_perm.uid = somebody;
	claim("an-owner-may-give-its-system-v-queue-away", exists(outcome(msgctl(msqid, IPC_SET, &ds))));
	must(msgctl(msqid, IPC_STAT, &ds));
	claim("the-creator-of-a-system-v-queue-stays-its-creator", ds.msg_perm.cuid);
	claim("the-creator-may-remove-what-it-gave-away", outcome(msgctl(msqid, IPC_RMID, NULL)));
	return 0;
}
