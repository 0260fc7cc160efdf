/* Limits of an IPC namespace of one's own. */
#ifndef LIMITS_H
#define LIMITS_H

#include "claim.h"
#include "user.h"
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

static inline void put(const char *file, const char *text) {
	int fd = must(open(file, O_WRONLY));
	must(write(fd, text, strlen(text)));
	must(close(fd));
}

/* A namespace in which nothing is, with this one limit set. */
static inline void limit(const char *name, const char *value) {
	char file[64];
	snprintf(file, sizeof file, "/proc/sys/%s", name);
	must(unshare(CLONE_NEWIPC)); /* the one before goes with what is in it */
	put(file, value);
}

/* What the namespace has. */
static inline long read_limit(const char *name) {
	char file[64];
	long number = -1;
	snprintf(file, sizeof file, "/proc/sys/%s", name);
	FILE *limit = fopen(file, "r");
	if (limit == NULL || fscanf(limit, "%ld", &number) != 1)
		die(file);
	fclose(limit);
	return number;
}

/* Whoever runs it, B is root where it sets limits: in a user namespace, or as root,
 * without CAP_SYS_RESOURCE, which passes some of them. */
static inline void rule(void) {
	char uid_map[32], gid_map[32];
	snprintf(uid_map, sizeof uid_map, "0 %u 1", geteuid());
	snprintf(gid_map, sizeof gid_map, "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER) == -1) {
		must(effective(1u << CAP_SYS_ADMIN)); /* for unshare */
		return;
	}
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", uid_map);
	put("/proc/self/gid_map", gid_map);
}

#endif
