/* In C: scandir and fstatat instead of a shell, and SHM_STAT instead of /proc/sysvipc. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct object {
	dev_t device;
	ino_t inode;
};

static struct object *held;
static size_t known;

static void hold(dev_t device, ino_t inode) {
	held = realloc(held, (known + 1) * sizeof *held);
	held[known++] = (struct object){device, inode};
}

static int is_held(const struct stat *status) {
	for (size_t i = 0; i < known; i++)
		if (held[i].device == status->st_dev && held[i].inode == status->st_ino)
			return 1;
	return 0;
}

static void look_into(const char *pid) {
	char path[300];
	snprintf(path, sizeof path, "/proc/%s/fd", pid);
	DIR *fds = opendir(path);
	for (struct dirent *fd; fds != NULL && (fd = readdir(fds)) != NULL;) {
		struct stat status;
		if (fstatat(dirfd(fds), fd->d_name, &status, 0) == 0)
			hold(status.st_dev, status.st_ino);
	}
	if (fds != NULL)
		closedir(fds);
	snprintf(path, sizeof path, "/proc/%s/maps", pid);
	FILE *maps = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	while (maps != NULL && getline(&line, &size, maps) != -1) {
		unsigned major, minor;
		unsigned long inode;
		if (sscanf(line, "%*s %*s %*s %x:%x %lu", &major, &minor, &inode) == 3)
			hold(makedev(major, minor), inode);
	}
	free(line);
	if (maps != NULL)
		fclose(maps);
}

static int remove_files(const char *folder, int dry) {
	int failed = 0;
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, NULL), at = open(folder, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < n; i++) {
		struct stat status;
		const char *name = entries[i]->d_name;
		if (fstatat(at, name, &status, AT_SYMLINK_NOFOLLOW) == -1 || !S_ISREG(status.st_mode) ||
		    status.st_uid != geteuid() || is_held(&status))
			continue;
		if (dry)
			printf("would remove %s/%s\n", folder, name);
		else if (unlinkat(at, name, 0) == -1) {
			perror(name);
			failed = 1;
		}
	}
	return failed;
}

static int remove_segments(int dry) {
	int failed = 0;
	struct shmid_ds status;
	int highest = shmctl(0, SHM_INFO, &status);
	for (int index = 0; index <= highest; index++) {
		int shmid = shmctl(index, SHM_STAT, &status);
		if (shmid == -1 || status.shm_nattch != 0 || status.shm_perm.uid != geteuid())
			continue;
		if (dry)
			printf("would remove segment %d\n", shmid);
		else
			failed |= shmctl(shmid, IPC_RMID, NULL) == -1;
	}
	return failed;
}

int main(int argc, char **argv) {
	int dry = argc == 2 && strcmp(argv[1], "-n") == 0;
	if (argc != 1 && !dry)
		return 2;
	DIR *processes = opendir("/proc");
	for (struct dirent *process; (process = readdir(processes)) != NULL;)
		if (strspn(process->d_name, "0123456789") == strlen(process->d_name))
			look_into(process->d_name);
	int failed = remove_files("/dev/shm", dry);
	failed |= remove_files("/dev/mqueue", dry);
	failed |= remove_segments(dry);
	return failed;
}
