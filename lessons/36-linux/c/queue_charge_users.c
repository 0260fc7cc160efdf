/* A queue is charged to the real user of the process that created it, and not to the process. */
#define _GNU_SOURCE /* unshare, setresuid */
#include "../../c/charge.h"
#include "../../c/container.h"
#include "../../c/turns.h"

/* C is the same user as B, and in the same namespaces. */
static void c(int end) {
	(void)end;
	must(create_smallest("/of_c"));
}

static void b(int end) {
	(void)end;
	must(enter_user_namespace(0, 0, CLONE_NEWIPC));
	limit_charge(SMALLEST);
	in_a_child(c);
	claim("a-queue-is-charged-after-its-creator-has-ended", outcome(create_smallest("/of_b")));
}

/* D, root of a user namespace that has two users. */
static void d(int end) {
	must(unshare(CLONE_NEWUSER | CLONE_NEWIPC));
	tell(end, "which users?");
	hear(end);
	limit_charge(SMALLEST);
	mqd_t of_root = must(create_smallest("/of_root"));
	must(setresuid(0, NOBODY, 0));
	claim("the-effective-user-id-does-not-choose-the-sum", outcome(create_smallest("/of_effective_user")));
	must(setresuid(NOBODY, 0, 0));
	claim("the-real-user-id-chooses-the-sum", outcome(create_smallest("/of_real_user")));
	must(setresuid(0, 0, 0));
	must(fchown(of_root, NOBODY, -1));
	claim("fchown-of-a-queue-does-not-move-its-charge", outcome(create_smallest("/another")));
}

/* Gives the user namespace of a process two users and their groups. Only root outside of it may do this. */
static void map_two_users(pid_t pid) {
	const char *files[] = {"uid_map", "gid_map"};
	for (int i = 0; i < 2; i++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/%d/%s", pid, files[i]);
		put(path, "0 0 1\n65534 65534 1\n");
	}
}

int main(void) {
	in_a_child(b);
	if (geteuid() != 0) {
		claim("the-effective-user-id-does-not-choose-the-sum", "not seen"); /* this needs root */
		claim("the-real-user-id-chooses-the-sum", "not seen");
		claim("fchown-of-a-queue-does-not-move-its-charge", "not seen");
		return 0;
	}
	pid_t pid;
	int end = begin(d, &pid);
	hear(end);
	map_two_users(pid);
	tell(end, "root and nobody");
	finish(pid);
	return 0;
}
