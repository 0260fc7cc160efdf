/* A pipe disappears with the last process that holds it; a queue and a file do not. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/stat.h>

#define NAME "/persistent_demo"

static int ends[2]; /* a pipe that A and B share */
static char file[] = "/tmp/persist_demo.XXXXXX"; /* mkstemp creates it under a name that is free */

static mqd_t create(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	return mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
}

/* Puts five bytes into a pipe, a queue and a file. */
static void b(int a) {
	must(write(ends[1], "bytes", 5));
	must(mq_send(must(create()), "bytes", 5, 0));
	must(write(must(open(file, O_WRONLY)), "bytes", 5));
	tell(a, "written");
	hear(a);
}

int main(void) {
	pid_t pid;
	char buffer[64];
	must(close(must(mkstemp(file))));
	must(pipe(ends));
	int end = begin(b, &pid);
	must(close(ends[1]));
	hear(end);
	kill_and_reap(pid);
	claim("a-pipe-outlives-its-maker-while-another-process-holds-it", read(ends[0], buffer, sizeof buffer));
	claim("read-returns-0-from-an-empty-pipe-without-a-writer", read(ends[0], buffer, sizeof buffer));

	/* Nobody holds the queue. Does it still exist? */
	mqd_t mq = must(mq_open(NAME, O_RDWR));
	struct mq_attr attr;
	struct stat st;
	must(mq_getattr(mq, &attr));
	must(fstat(mq, &st));
	claim("a-queue-nobody-holds-keeps-its-messages", attr.mq_curmsgs);
	claim("SIGKILL-leaves-the-name", st.st_nlink);
	claim("mq_open-with-O_EXCL-notices-what-a-killed-run-has-left", outcome(create()));
	claim("a-file-nobody-holds-keeps-its-bytes", read(must(open(file, O_RDONLY)), buffer, sizeof buffer));
	must(unlink(file));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
