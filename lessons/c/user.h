/* Drops capabilities, and changes to another user. */
#ifndef USER_H
#define USER_H

#include "claim.h"
#include <grp.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

/* Makes exactly these capabilities effective; they must be permitted. libcap has a
 * function for this; here we use the system call. Without capabilities, root gets the
 * same refusals as other users. An ordinary user has no capabilities to drop. */
static inline int effective(unsigned int capabilities) {
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	if (syscall(SYS_capget, &header, data) == -1)
		return -1;
	data[0].effective = capabilities;
	data[1].effective = 0;
	return syscall(SYS_capset, &header, data);
}

/* Returns the capabilities that this process may make effective. */
static inline unsigned int permitted(void) {
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	must(syscall(SYS_capget, &header, data));
	return data[0].permitted;
}

/* Changes to another user for good, which only root can do. Returns whether it worked. */
static inline bool become(uid_t uid, gid_t gid) {
	return setgroups(0, NULL) == 0 && setgid(gid) == 0 && setuid(uid) == 0;
}

#endif
