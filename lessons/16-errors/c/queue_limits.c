/* Queues have two limits: a user's bytes, which is EMFILE, and a namespace's queues, which is ENOSPC. */
#define _GNU_SOURCE /* unshare */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <sys/resource.h>

static void put(const char *file, const char *text) {
	int fd = must(open(file, O_WRONLY));
	must(write(fd, text, strlen(text)));
	close(fd);
}

/* Moves to where this user has no queue. Without the maps mq_open fails with EOVERFLOW. */
static void enter_a_fresh_namespace(void) {
	char uid_map[32], gid_map[32];
	snprintf(uid_map, sizeof uid_map, "%u %u 1", geteuid(), geteuid());
	snprintf(gid_map, sizeof gid_map, "%u %u 1", getegid(), getegid());
	must(unshare(CLONE_NEWUSER | CLONE_NEWIPC));
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", uid_map);
	put("/proc/self/gid_map", gid_map);
}

static mqd_t make(const char *name, struct mq_attr *attr) {
	return mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, attr);
}

static void limit(rlim_t bytes) {
	struct rlimit limit;
	must(getrlimit(RLIMIT_MSGQUEUE, &limit));
	limit.rlim_cur = bytes;
	must(setrlimit(RLIMIT_MSGQUEUE, &limit));
}

static void count_bytes(int end) {
	(void)end;
	enter_a_fresh_namespace();
	struct mq_attr small = {.mq_maxmsg = 2, .mq_msgsize = 64}; /* charged for 2 * (64 + 96) bytes */
	limit(319);
	claim("EMFILE-also-says-that-bytes-of-queues-are-used-up", outcome(make("/small", &small)));
	limit(320);
	mqd_t mq = make("/small", &small);
	claim("maxmsg-times-msgsize-plus-96-is-charged", outcome(mq));
	must(mq_close(mq));
	must(mq_unlink("/small"));

	limit(82879);
	bool refused = make("/default", NULL) == -1 && errno == EMFILE;
	limit(82880);
	claim("a-queue-with-default-attributes-is-charged-82880-bytes", (bool)(refused && make("/default", NULL) != -1));
	must(mq_unlink("/default"));
}

static void count_queues(int end) {
	(void)end;
	enter_a_fresh_namespace();
	struct mq_attr smallest = {.mq_maxmsg = 1, .mq_msgsize = 1};
	char name[32];
	int made = -1;
	mqd_t mq;
	do {
		snprintf(name, sizeof name, "/%d", ++made);
		mq = make(name, &smallest);
		if (mq != -1)
			must(mq_close(mq));
	} while (mq != -1);
	if (errno != ENOSPC)
		die("mq_open");
	claim("ENOSPC-says-that-queues_max-queues-exist", made);
	for (int n = 0; n < made; n++) {
		snprintf(name, sizeof name, "/%d", n);
		must(mq_unlink(name));
	}
}

static void in_a_child(void (*play)(int end)) {
	pid_t pid;
	int end = begin(play, &pid);
	finish(pid);
	close(end);
}

int main(void) {
	in_a_child(count_bytes);
	in_a_child(count_queues);
	return 0;
}
