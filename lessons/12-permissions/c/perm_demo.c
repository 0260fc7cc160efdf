/* The umask clears bits in the mode of a new POSIX object, but not of a System V object. */
#include "../../c/claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/stat.h>

#define NAME "/perm_demo"

static const char *octal(mode_t mode) {
	static char text[8];
	snprintf(text, sizeof text, "%04o", mode & 07777);
	return text;
}

static const char *mode_of(int fd) {
	struct stat st;
	must(fstat(fd, &st));
	return octal(st.st_mode);
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	struct stat st;
	umask(022);
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0660, &attr));
	claim("a-new-queue-lacks-the-bits-of-the-umask", mode_of(mq));
	if (sem_open(NAME, O_CREAT | O_EXCL, 0660, 0) == SEM_FAILED)
		die("sem_open");
	must(stat("/dev/shm/sem.perm_demo", &st)); /* a semaphore has no descriptor for fstat */
	claim("a-new-semaphore-lacks-the-bits-of-the-umask", octal(st.st_mode));
	must(sem_unlink(NAME));
	int shm = must(shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0660));
	claim("new-shared-memory-lacks-the-bits-of-the-umask", mode_of(shm));

	/* Create a System V queue under a umask of 0777. */
	umask(0777);
	struct msqid_ds ds;
	int msqid = must(msgget(IPC_PRIVATE, 0666));
	must(msgctl(msqid, IPC_STAT, &ds));
	must(msgctl(msqid, IPC_RMID, NULL));
	claim("the-umask-does-not-change-the-mode-of-a-system-v-queue", octal(ds.msg_perm.mode));

	/* Change the modes with fchmod, still under a umask of 0777. */
	must(fchmod(mq, 0666));
	claim("fchmod-of-a-queue-ignores-the-umask", mode_of(mq));
	must(fchmod(shm, 0666));
	claim("fchmod-of-shared-memory-ignores-the-umask", mode_of(shm));
	must(shm_unlink(NAME));
	must(mq_unlink(NAME));
	return 0;
}
