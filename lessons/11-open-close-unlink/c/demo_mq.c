/* With O_CREAT, mq_open creates a queue, or opens the queue that already has the name. */
#define _GNU_SOURCE /* dladdr */
#include "../../c/claim.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <mqueue.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "/demo_queue"

/* The library that contains a function, without its folder. */
static const char *library_of(const char *function) {
	Dl_info info;
	void *address = dlsym(RTLD_DEFAULT, function);
	if (address == NULL || dladdr(address, &info) == 0)
		return "none";
	const char *slash = strrchr(info.dli_fname, '/');
	return slash ? slash + 1 : info.dli_fname;
}

int main(void) {
	claim("mq_open-without-O_CREAT-creates-nothing", outcome(mq_open(NAME, O_RDWR)));

	/* Create the queue with O_CREAT: mq_open takes two more arguments. */
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64}, is;
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(mq_getattr(mq, &is));
	claim("attr-sets-mq_maxmsg-of-a-new-queue", is.mq_maxmsg);
	claim("attr-sets-mq_msgsize-of-a-new-queue", is.mq_msgsize);

	/* O_CREAT alone, while the queue exists. */
	mqd_t again = must(mq_open(NAME, O_CREAT | O_RDWR, 0644, NULL));
	struct stat created, opened;
	must(fstat(mq, &created));
	must(fstat(again, &opened));
	claim("O_CREAT-alone-opens-an-existing-queue",
		  created.st_ino == opened.st_ino ? "the same queue" : "another queue");
	must(mq_close(again));

	/* An mqd_t is a file descriptor: send through it, and receive through a dup of it. */
	must(mq_send(mq, "through a copy", 14, 0));
	mqd_t copy = must(dup(mq));
	char buffer[64];
	ssize_t length = must(mq_receive(copy, buffer, sizeof buffer, NULL));
	claim_bytes("a-dup-of-a-queue-descriptor-can-receive", buffer, (size_t)length);
	must(mq_close(copy));

#if __GLIBC_PREREQ(2, 34) /* older versions need -lrt and -pthread */
	claim("since-glibc-2.34-mq_open-is-in-libc-itself", library_of("mq_open"));
	claim("since-glibc-2.34-sem_open-is-in-libc-itself", library_of("sem_open"));
	claim("since-glibc-2.34-shm_open-is-in-libc-itself", library_of("shm_open"));
#else
	(void)library_of;
#endif

	must(mq_close(mq));
	must(mq_unlink(NAME));
	claim("after-close-and-unlink-there-is-no-such-queue", outcome(mq_open(NAME, O_RDWR)));
	return 0;
}
