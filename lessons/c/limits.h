/* Sets and reads the limits of a new IPC namespace. */
#ifndef LIMITS_H
#define LIMITS_H

#include "apart.h"
#include "user.h"

/* Enters a new, empty IPC namespace and sets one limit in it. */
static inline void limit(const char *name, const char *value) {
	char file[64];
	snprintf(file, sizeof file, "/proc/sys/%s", name);
	must(unshare(CLONE_NEWIPC)); /* the previous namespace ends with all its objects */
	put(file, value);
}

/* Returns the value of a limit in this namespace. */
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

/* Lets this process set limits: as root in a new user namespace, or else as real root without
 * CAP_SYS_RESOURCE, because this capability overrides some limits. */
static inline void rule(void) {
	if (enter_user_namespace(0, 0, 0) == -1)
		must(effective(1u << CAP_SYS_ADMIN)); /* for unshare */
}

#endif
