/* Counts entries of folders in /proc: the threads of this process, and its netlink sockets. */
#ifndef ENTRIES_H
#define ENTRIES_H

#include "claim.h"
#include <dirent.h>
#include <string.h>
#include <sys/xattr.h>

static inline int entries(const char *path, bool (*counts)(const char *path)) {
	int number = 0;
	DIR *directory = opendir(path);
	if (directory == NULL)
		die(path);
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		char entry_path[300];
		snprintf(entry_path, sizeof entry_path, "%s/%s", path, entry->d_name);
		number += entry->d_name[0] != '.' && counts(entry_path);
	}
	closedir(directory);
	return number;
}

static inline bool every(const char *path) {
	(void)path;
	return true;
}

static inline bool is_netlink(const char *path) {
	char protocol[32] = "";
	getxattr(path, "system.sockprotoname", protocol, sizeof protocol);
	return strcmp(protocol, "NETLINK") == 0;
}

static inline int threads(void) {
	return entries("/proc/self/task", every);
}

/* A socket that was never bound is not in /proc/net/netlink. */
static inline int netlink_sockets(void) {
	return entries("/proc/self/fd", is_netlink);
}

#endif
