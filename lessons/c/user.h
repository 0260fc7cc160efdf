/* Who one is: capabilities laid down, and another user. */
#ifndef USER_H
#define USER_H

#include "claim.h"
#include <grp.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

/* Makes these capabilities effective, of those that are permitted. (libcap has a
 * function for it; this is the system call.) Root without any is refused things
 * as anybody is; an ordinary user has none to lay down. */
static inline int effective(unsigned int capabilities) {
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	if (syscall(SYS_capget, &header, data) == -1)
		return -1;
	data[0].effective = capabilities;
	data[1].effective = 0;
	return syscall(SYS_capset, &header, data);
}

/* Makes this process somebody else's for good, which root alone can; whether it did. */
static inline bool become(uid_t uid, gid_t gid) {
	return setgroups(0, NULL) == 0 && setgid(gid) == 0 && setuid(uid) == 0;
}

#endif
