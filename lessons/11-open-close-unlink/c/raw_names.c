/* The kernel's names for queues have no slash: glibc requires the slash, and removes it. */
#include "../../c/claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAME "/raw_names"
#define BARE "raw_names"

/* The system call beneath mq_open. */
static mqd_t sys_mq_open(const char *name) {
	return syscall(SYS_mq_open, name, O_RDONLY, 0, NULL);
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	claim("glibc-refuses-to-open-a-name-without-a-slash", outcome(mq_open(BARE, O_RDONLY)));
	mqd_t opened = sys_mq_open(BARE);
	claim("the-system-call-accepts-the-name-without-a-slash", outcome(opened));
	struct stat one, other;
	must(fstat(mq, &one));
	must(fstat(opened, &other));
	claim("both-names-open-the-same-queue", (bool)(one.st_ino == other.st_ino));

	claim("the-system-call-refuses-a-name-with-a-slash", outcome(sys_mq_open(NAME)));
	claim("the-system-call-gives-ENOENT-for-an-empty-name", outcome(sys_mq_open("")));

	claim("glibc-refuses-to-unlink-a-name-without-a-slash", outcome(mq_unlink(BARE)));
	claim("the-system-call-refuses-to-unlink-a-name-with-a-slash", outcome(syscall(SYS_mq_unlink, NAME)));
	must(syscall(SYS_mq_unlink, BARE));
	claim("the-system-call-unlinks-the-name-without-a-slash", outcome(mq_open(NAME, O_RDONLY)));
	return 0;
}
