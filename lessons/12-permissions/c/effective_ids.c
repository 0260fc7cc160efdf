/* A new object belongs to the effective user, not to the real one; for POSIX, setfsuid can change this. */
#define _GNU_SOURCE /* setresuid */
#include "../../c/claim.h"
#include "../../c/user.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/stat.h>

#define NAME "/effective_ids"

static const char *const IDS[] = {
	"a-queue-belongs-to-the-effective-user-and-not-to-the-real-one",
	"a-queue-belongs-to-the-effective-group-and-not-to-the-real-one",
	"shared-memory-belongs-to-the-effective-user-and-not-to-the-real-one",
	"a-semaphore-belongs-to-the-effective-user-and-not-to-the-real-one",
	"a-queue-belongs-to-the-filesystem-user-and-not-to-the-effective-one",
	"a-queue-belongs-to-the-filesystem-group-and-not-to-the-effective-one",
	"a-system-v-queue-belongs-to-the-effective-user-whatever-the-filesystem-user",
};

/* Creates a queue and returns its status. */
static struct stat queue(void) {
	struct stat made;
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(fstat(mq, &made));
	must(mq_unlink(NAME));
	must(mq_close(mq));
	return made;
}

int main(void) {
	/* setfsuid(-1) only returns the ID. */
	claim("the-filesystem-user-is-the-effective-one-unless-setfsuid-changes-it", setfsuid(-1));
	if (geteuid() != 0 || setresgid(NOBODY, -1, -1) == -1 || setresuid(NOBODY, -1, -1) == -1) {
		for (int i = 0; i < 7; i++)
			claim(IDS[i], "not seen"); /* this needs root */
		return 0;
	}
	/* The real IDs are now 65534, and the effective IDs are still 0. */
	struct stat made = queue();
	claim(IDS[0], made.st_uid);
	claim(IDS[1], made.st_gid);
	int shm = must(shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600));
	must(fstat(shm, &made));
	must(shm_unlink(NAME));
	claim(IDS[2], made.st_uid);
	if (sem_open(NAME, O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED)
		die("sem_open");
	must(stat("/dev/shm/sem.effective_ids", &made));
	must(sem_unlink(NAME));
	claim(IDS[3], made.st_uid);

	/* Set the filesystem IDs to 65534; the effective IDs stay 0. */
	setfsgid(NOBODY);
	setfsuid(NOBODY);
	made = queue();
	claim(IDS[4], made.st_uid);
	claim(IDS[5], made.st_gid);
	struct msqid_ds ds;
	int msqid = must(msgget(IPC_PRIVATE, 0600));
	must(msgctl(msqid, IPC_STAT, &ds));
	must(msgctl(msqid, IPC_RMID, NULL));
	claim(IDS[6], ds.msg_perm.cuid);
	return 0;
}
