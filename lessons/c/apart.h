/* Enters new namespaces. They end with their last process. */
#ifndef APART_H
#define APART_H

#include "claim.h"
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

/* Writes a text to a file that exists. */
static inline void put(const char *file, const char *text) {
	int fd = must(open(file, O_WRONLY));
	must(write(fd, text, strlen(text)));
	must(close(fd));
}

/* Enters a new user namespace and the new namespaces in `others`, such as CLONE_NEWIPC. In the user
 * namespace this process has the ids `uid` and `gid`. Returns -1 if the kernel refuses. */
static inline int enter_user_namespace(uid_t uid, gid_t gid, int others) {
	char uid_map[32], gid_map[32];
	snprintf(uid_map, sizeof uid_map, "%u %u 1", uid, geteuid());
	snprintf(gid_map, sizeof gid_map, "%u %u 1", gid, getegid());
	if (unshare(CLONE_NEWUSER | others) == -1)
		return -1;
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", uid_map);
	put("/proc/self/gid_map", gid_map);
	return 0;
}

/* Enters a new IPC namespace. Without privilege this works only together with a new user namespace. */
static inline void go_apart(void) {
	if (unshare(CLONE_NEWIPC) == -1)
		must(unshare(CLONE_NEWUSER | CLONE_NEWIPC));
}

#endif
