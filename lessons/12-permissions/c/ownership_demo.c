/* You own the objects that you create, but you can give away only those of System V. */
#include "../../c/claim.h"
#include "../../c/user.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/stat.h>

#define NAME "/ownership_demo"

/* A uid that this user namespace does not have gives EINVAL before any permission is checked. */
static const char *exists(const char *got) {
	return strcmp(got, "EINVAL") == 0 ? "not seen" : got;
}

int main(void) {
	struct stat st;
	int shm = must(shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600));
	must(fstat(shm, &st));
	claim("new-shared-memory-belongs-to-the-user-who-makes-it", st.st_uid);
	if (sem_open(NAME, O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED)
		die("sem_open");
	must(stat("/dev/shm/sem.ownership_demo", &st));
	claim("a-new-semaphore-belongs-to-the-user-who-makes-it", st.st_uid);
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(fstat(mq, &st));
	claim("a-new-queue-belongs-to-the-user-who-makes-it", st.st_uid);
	claim("a-new-queue-belongs-to-the-group-of-the-process-that-makes-it", st.st_gid);
	must(sem_unlink(NAME));
	must(shm_unlink(NAME));

	/* Without capabilities, give a POSIX queue to another user, then a System V queue. */
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
	claim("a-change-of-owner-does-not-change-the-creator-of-a-system-v-queue", ds.msg_perm.cuid);
	claim("the-creator-may-remove-a-system-v-queue-that-it-gave-away", outcome(msgctl(msqid, IPC_RMID, NULL)));
	return 0;
}
