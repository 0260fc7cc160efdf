/* A queue in a user namespace is charged there, and in each user namespace above it. */
#define _GNU_SOURCE /* unshare */
#include "../../c/charge.h"
#include "../../c/container.h"
#include "../../c/turns.h"

static void destroy(const char *name, mqd_t mq) {
	must(mq_unlink(name));
	must(mq_close(mq));
}

/* C is in a child of B's user namespace. */
static void c(int end) {
	must(enter_user_namespace(0, 0, CLONE_NEWIPC));
	limit_charge(SMALLEST);
	mqd_t of_c = create_smallest("/of_c");
	claim("a-child-user-namespace-has-a-sum-of-its-own", outcome(of_c));
	tell(end, "created");
	hear(end);
	destroy("/of_c", of_c);
}

/* D's limit when it creates the user namespace is two queues. */
static void d(int end) {
	(void)end;
	must(enter_user_namespace(0, 0, CLONE_NEWIPC));
	limit_charge(100 * SMALLEST);
	must(create_smallest("/second"));
	claim("a-higher-limit-in-a-user-namespace-does-not-exceed-the-limit-of-its-creator", outcome(create_smallest("/third")));
}

static void b(int end) {
	(void)end;
	pid_t pid;
	must(enter_user_namespace(0, 0, CLONE_NEWIPC));
	limit_charge(2 * SMALLEST);
	must(create_smallest("/first"));
	int child = begin(c, &pid);
	hear(child);
	claim("a-queue-in-a-child-user-namespace-is-also-charged-in-its-parent", outcome(create_smallest("/second")));
	tell(child, "end");
	finish(pid);
	mqd_t second = create_smallest("/second");
	claim("the-close-of-a-queue-in-a-child-user-namespace-ends-both-charges", outcome(second));
	destroy("/second", second);
	in_a_child(d);
}

int main(void) {
	in_a_child(b);
	return 0;
}
