/* Counts the references that a process has to an object, as /proc shows them: its
 * descriptors and its mappings. */
#ifndef HOLDERS_H
#define HOLDERS_H

#include "claim.h"
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Counts the descriptors of a process that refer to the object. */
static inline int descriptors(pid_t pid, struct stat object) {
	char path[64];
	int found = 0;
	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	DIR *folder = opendir(path);
	if (folder == NULL)
		die(path);
	for (struct dirent *fd; (fd = readdir(folder));) {
		struct stat st;
		if (fstatat(dirfd(folder), fd->d_name, &st, 0) == 0)
			found += st.st_dev == object.st_dev && st.st_ino == object.st_ino;
	}
	closedir(folder);
	return found;
}

/* Counts the mappings of a file in a process. /proc/PID/maps shows the inode of each mapped file. */
static inline int mappings(pid_t pid, ino_t inode) {
	char path[64], line[512];
	int found = 0;
	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	FILE *maps = fopen(path, "r");
	if (maps == NULL)
		die(path);
	while (fgets(line, sizeof line, maps)) {
		unsigned long mapped;
		if (sscanf(line, "%*s %*s %*s %*s %lu", &mapped) == 1)
			found += mapped == inode && strstr(line, "/dev/shm/") != NULL;
	}
	fclose(maps);
	return found;
}

#endif
