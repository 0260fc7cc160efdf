/* Limits of an IPC namespace of one's own. */
#ifndef LIMITS_H
#define LIMITS_H

#include "apart.h"
#include "user.h"

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
	if (enter_user_namespace(0, 0, 0) == -1)
		must(effective(1u << CAP_SYS_ADMIN)); /* for unshare */
}

#endif
