/* Each mode bit gives one class of users one right, and only the first class that fits counts. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include "../../c/user.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define NAME "/mode_bits"

static const char *mode_of(int fd) {
	static char text[8];
	struct stat st;
	must(fstat(fd, &st));
	snprintf(text, sizeof text, "%04o", st.st_mode & 07777);
	return text;
}

/* What this process may do with the queue. */
static const char *allowed(void) {
	mqd_t reader = mq_open(NAME, O_RDONLY), writer = mq_open(NAME, O_WRONLY);
	bool read = reader != -1, write = writer != -1;
	if (read)
		mq_close(reader);
	if (write)
		mq_close(writer);
	return read && write ? "both" : read ? "read" : write ? "write" : "nothing";
}

/* Another user opens the queue for each of two modes; not seen if this process cannot become one. */
static void knock(int end, gid_t gid) {
	bool other = become(NOBODY, gid);
	for (int i = 0; i < 2; i++) {
		hear(end);
		tell(end, other ? allowed() : "not seen");
	}
}
static gid_t group;
static void of_the_group(int end) {
	knock(end, group);
}
static void stranger(int end) {
	knock(end, NOBODY);
}

static const char *asked(int end) {
	tell(end, "try");
	return hear(end);
}

/* Calls execve in a child, because a successful execve replaces the process. */
static void execute(int end) {
	hear(end);
	char *arguments[] = {"mode_bits", NULL};
	tell(end, outcome(execve("/dev/shm/mode_bits", arguments, arguments + 1)));
}
static const char *executed(void) {
	pid_t pid;
	int end = begin(execute, &pid);
	const char *got = asked(end);
	finish(pid);
	close(end);
	return got;
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	/* The six bits one by one. */
	pid_t pids[2];
	group = getegid();
	int member = begin(of_the_group, &pids[0]), other = begin(stranger, &pids[1]);
	must(effective(0)); /* root would pass all checks */
	must(fchmod(mq, 0400));
	claim("bit-0400-lets-the-owner-read-and-no-more", allowed());
	must(fchmod(mq, 0200));
	claim("bit-0200-lets-the-owner-write-and-no-more", allowed());
	must(fchmod(mq, 0040));
	claim("bit-0040-lets-the-group-read-and-no-more", asked(member));
	must(fchmod(mq, 0020));
	claim("bit-0020-lets-the-group-write-and-no-more", asked(member));
	must(fchmod(mq, 0004));
	claim("bit-0004-lets-others-read-and-no-more", asked(other));
	must(fchmod(mq, 0002));
	claim("bit-0002-lets-others-write-and-no-more", asked(other));
	must(fchmod(mq, 0066));
	claim("only-the-owners-bits-count-for-the-owner", allowed());
	finish(pids[0]);
	finish(pids[1]);

	/* The execute bits of a queue, then of shared memory, which is a file in /dev/shm. */
	must(fchmod(mq, 0111));
	claim("execute-bits-are-kept", mode_of(mq));
	claim("execute-bits-do-not-let-a-process-open-a-queue", outcome(mq_open(NAME, O_RDONLY)));
	int shm = must(shm_open(NAME, O_CREAT | O_EXCL | O_RDONLY, 0600)); /* O_RDWR would mean ETXTBSY */
	claim("execve-refuses-shared-memory-without-execute-bits", executed());
	must(fchmod(shm, 0766));
	claim("with-an-execute-bit-execve-goes-on-and-reads-the-content", executed());
	must(shm_unlink(NAME));
	must(mq_unlink(NAME));
	return 0;
}
