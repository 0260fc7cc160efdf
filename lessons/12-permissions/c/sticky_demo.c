/* Whether you can remove a name depends on its directory, not on the object's mode. */
#define _GNU_SOURCE /* setresuid */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include "../../c/user.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define NAME "/sticky_demo"

static mqd_t create(mode_t mode) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	return must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, mode, &attr));
}

/* Another user opens them and tries to remove them. */
static void b(int a) {
	if (!become(NOBODY, NOBODY)) {
		for (int i = 0; i < 7; i++)
			tell(a, "not seen");
		return;
	}
	tell(a, outcome(shm_open(NAME, O_RDWR, 0)));
	tell(a, outcome(shm_unlink(NAME)));
	tell(a, outcome(unlink("/dev/shm/sticky_demo")));
	tell(a, outcome(sem_unlink(NAME)));
	tell(a, outcome(mq_open(NAME, O_RDWR)));
	tell(a, outcome(mq_unlink(NAME)));
	tell(a, outcome(syscall(SYS_mq_unlink, NAME + 1))); /* without the slash */
}

/* A process that runs as root gives two queues away: who can remove them? */
static void c(int a) {
	if (getuid() != 0 || setresuid(-1, NOBODY, -1) == -1) {
		tell(a, "not seen");
		tell(a, "not seen");
		return;
	}
	must(setresuid(-1, 0, -1));
	must(fchown(create(0), NOBODY, -1));
	must(setresuid(-1, NOBODY, -1));
	tell(a, outcome(mq_unlink(NAME)));
	must(setresuid(-1, 0, -1));
	must(fchown(create(0), NOBODY, -1));
	must(effective(0)); /* root owns the directory, and that is enough */
	tell(a, outcome(mq_unlink(NAME)));
}

int main(void) {
	struct stat st;
	pid_t pid;
	umask(0);
	int shm = must(shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0666));
	if (sem_open(NAME, O_CREAT | O_EXCL, 0666, 0) == SEM_FAILED)
		die("sem_open");
	mqd_t mq = create(0666);
	must(stat("/dev/shm", &st));
	claim("dev-shm-is-a-sticky-directory", (bool)(st.st_mode & S_ISVTX));

	int end = begin(b, &pid);
	claim("another-user-may-write-shared-memory-of-mode-0666", hear(end));
	claim("shm_unlink-refuses-another-user-with-EACCES", hear(end));
	claim("the-system-call-beneath-shm_unlink-refuses-with-EPERM", hear(end));
	claim("sem_unlink-refuses-another-user-with-EACCES", hear(end));
	claim("another-user-may-write-a-queue-of-mode-0666", hear(end));
	claim("mq_unlink-refuses-another-user-with-EACCES", hear(end));
	claim("the-system-call-beneath-mq_unlink-refuses-with-EPERM", hear(end));
	finish(pid);
	must(mq_unlink(NAME));
	must(mq_close(mq));

	end = begin(c, &pid);
	claim("a-new-owner-may-remove-the-queue", hear(end));
	claim("the-owner-of-the-directory-may-remove-a-queue-without-a-capability", hear(end));
	finish(pid);

	/* Their owner sets the modes to 0000, then calls shm_unlink and mq_unlink. */
	mq = create(0666);
	must(effective(0)); /* root would pass this check */
	must(fchmod(shm, 0));
	must(fchmod(mq, 0));
	claim("an-owner-may-remove-shared-memory-of-mode-0000", outcome(shm_unlink(NAME)));
	claim("an-owner-may-remove-a-queue-of-mode-0000", outcome(mq_unlink(NAME)));
	must(sem_unlink(NAME));
	return 0;
}
