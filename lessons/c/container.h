/* Moves a process into namespaces of its own, like a container, and into those of others. */
#ifndef CONTAINER_H
#define CONTAINER_H

#include "apart.h"
#include "user.h"
#include <mqueue.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* Where a container has its mount of mqueue. */
#define MQUEUE "/dev/shm/mqueue"

/* Enters new user, IPC and mount namespaces, with an empty /dev/shm and a mount of mqueue. */
static inline void become_container(void) {
	if (enter_user_namespace(0, 0, CLONE_NEWIPC | CLONE_NEWNS) == -1)
		must(unshare(CLONE_NEWIPC | CLONE_NEWNS)); /* root needs no user namespace */
	must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)); /* nobody outside sees the mounts below */
	must(mount("none", "/dev/shm", "tmpfs", 0, "mode=1777"));
	must(mkdir(MQUEUE, 0755));
	must(mount("none", MQUEUE, "mqueue", 0, NULL));
}

/* Opens /proc/PID/ns/KIND. The namespace exists as long as the descriptor is open. */
static inline int namespace_of(pid_t pid, const char *kind) {
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, kind);
	return must(open(path, O_RDONLY | O_CLOEXEC));
}

/* Enters a user namespace. It fails with EINVAL if this process is in it already. */
static inline void enter_user(int user) {
	if (setns(user, CLONE_NEWUSER) == -1 && errno != EINVAL)
		die("setns");
}

/* Returns the attributes of a queue. */
static inline struct mq_attr attributes(mqd_t mq) {
	struct mq_attr attr;
	must(mq_getattr(mq, &attr));
	return attr;
}

#endif
