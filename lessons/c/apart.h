/* An IPC namespace of one's own, which goes with its last process. */
#ifndef APART_H
#define APART_H

#include "claim.h"
#include <sched.h>

/* Root may have one by itself, anybody together with a user namespace. */
static inline void go_apart(void) {
	if (unshare(CLONE_NEWIPC) == -1)
		must(unshare(CLONE_NEWUSER | CLONE_NEWIPC));
}

#endif
