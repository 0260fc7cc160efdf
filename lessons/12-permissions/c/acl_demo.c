/* An access control list can let one more user into shared memory and semaphores, but not into queues. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include "../../c/user.h"
#include <endian.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define NAME "/acl_demo"
#define NO_ID UINT32_MAX

/* The layout that <linux/posix_acl_xattr.h> defines. (acl_set_fd(3) of libacl can write it too.) */
struct acl {
	uint32_t version;
	struct {
		uint16_t tag, permission;
		uint32_t id;
	} entries[5];
};

/* Another user; not seen if this process cannot become one. */
static void b(int a) {
	bool other = become(NOBODY, NOBODY);
	for (;;) {
		const char *kind = hear(a);
		if (strcmp(kind, "end") == 0)
			return;
		if (!other)
			tell(a, "not seen");
		else if (strcmp(kind, "memory") == 0)
			tell(a, outcome(shm_open(NAME, O_RDWR, 0)));
		else
			tell(a, outcome(sem_open(NAME, 0) == SEM_FAILED ? -1 : 0));
	}
}

static const char *asked(int end, const char *kind) {
	tell(end, kind);
	return hear(end);
}

static const char *octal(struct stat st) {
	static char text[8];
	snprintf(text, sizeof text, "%04o", st.st_mode & 07777);
	return text;
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	struct stat st;
	int shm = must(shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600));
	if (sem_open(NAME, O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED)
		die("sem_open");
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	pid_t pid;
	int end = begin(b, &pid);
	claim("mode-0600-shuts-others-out-of-shared-memory", asked(end, "memory"));
	claim("mode-0600-shuts-others-out-of-a-semaphore", asked(end, "semaphore"));

	/* Name one user: user::rw-, user:NOBODY:rw-, group::---, mask::rw-, other::---. */
	uint32_t who = htole32(geteuid() == 0 ? NOBODY : geteuid());
	struct acl acl = {htole32(2),
					  {{htole16(0x01), htole16(6), NO_ID},
					   {htole16(0x02), htole16(6), who},
					   {htole16(0x04), htole16(0), NO_ID},
					   {htole16(0x10), htole16(6), NO_ID},
					   {htole16(0x20), htole16(0), NO_ID}}};
	must(fsetxattr(shm, "system.posix_acl_access", &acl, sizeof acl, 0));
	must(setxattr("/dev/shm/sem.acl_demo", "system.posix_acl_access", &acl, sizeof acl, 0));
	claim("a-list-lets-the-named-user-into-shared-memory", asked(end, "memory"));
	claim("a-list-lets-the-named-user-into-a-semaphore", asked(end, "semaphore"));

	/* The list gives the group nothing, and the group bits show the mask of the list. */
	must(fstat(shm, &st));
	claim("the-group-bits-show-the-mask-of-the-list", octal(st));
	must(stat("/dev/shm/sem.acl_demo", &st));
	claim("the-group-bits-of-a-semaphore-show-the-mask-too", octal(st));
	must(fchmod(shm, 0600));
	claim("fchmod-0600-shuts-the-named-user-out", asked(end, "memory"));
	must(fchmod(shm, 0660));
	claim("fchmod-0660-lets-the-named-user-in-again", asked(end, "memory"));
	tell(end, "end");
	finish(pid);

	claim("a-queue-takes-no-access-control-list",
		  outcome(fsetxattr(mq, "system.posix_acl_access", &acl, sizeof acl, 0)));
	must(shm_unlink(NAME));
	must(sem_unlink(NAME));
	must(mq_unlink(NAME));
	return 0;
}
