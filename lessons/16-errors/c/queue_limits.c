/* Two limits can stop mq_open: the bytes of a user's queues (EMFILE) and the number of queues (ENOSPC). */
#define _GNU_SOURCE /* unshare */
#include "../../c/apart.h"
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <mqueue.h>
#include <sys/resource.h>

/* Moves to a namespace where this user has no queues. (Before Linux 5.14 its other queues are charged too.)
 * Without the maps of its ids mq_open fails with EOVERFLOW. */
static void enter_a_fresh_namespace(void) {
	must(enter_user_namespace(geteuid(), getegid(), CLONE_NEWIPC));
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

/* The bytes that this user's queues are charged: the lowest limit under which one more queue of 97 bytes
 * can be created, minus 97. */
static int charged(void) {
	struct mq_attr smallest = {.mq_maxmsg = 1, .mq_msgsize = 1};
	rlim_t too_low = 96, enough = 819200;
	while (enough - too_low > 1) {
		rlim_t middle = (too_low + enough) / 2;
		limit(middle);
		mqd_t mq = make("/one_more", &smallest);
		if (mq == -1) {
			too_low = middle;
			continue;
		}
		enough = middle;
		must(mq_close(mq));
		must(mq_unlink("/one_more"));
	}
	return enough - 97;
}

static void count_bytes(int end) {
	(void)end;
	enter_a_fresh_namespace();
	struct mq_attr small = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = must(make("/small", &small));
	claim("maxmsg-times-msgsize-plus-96-is-charged", charged());
	must(mq_close(mq));
	must(mq_unlink("/small"));

	limit(819200);
	mq = must(make("/default", NULL));
	claim("a-queue-with-default-attributes-is-charged-82880-bytes", charged());
	must(mq_close(mq));
	must(mq_unlink("/default"));

	limit(319);
	claim("mq_open-fails-with-EMFILE-if-RLIMIT_MSGQUEUE-has-too-few-bytes-left", outcome(make("/small", &small)));
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
	claim("mq_open-fails-with-ENOSPC-if-queues_max-queues-exist", made);
	for (int n = 0; n < made; n++) {
		snprintf(name, sizeof name, "/%d", n);
		must(mq_unlink(name));
	}
}

int main(void) {
	in_a_child(count_bytes);
	in_a_child(count_queues);
	return 0;
}
