/* To exceed msg_max you need CAP_SYS_RESOURCE in the initial user namespace; the user id 0 is not enough. */
#define _GNU_SOURCE /* unshare */
#include "../../c/apart.h"
#include "../../c/claim.h"
#include "../../c/user.h"
#include <mqueue.h>

/* Asks for room for 11 messages. In a new IPC namespace msg_max is 10. */
static const char *create(void) {
	struct mq_attr attr = {.mq_maxmsg = 11, .mq_msgsize = 8};
	return outcome(mq_open("/ceiling_privilege", O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
}

/* In its own user namespace a process has all capabilities. They do not count here. */
int main(void) {
	must(enter_user_namespace(0, 0, CLONE_NEWIPC));
	claim("CAP_SYS_RESOURCE-in-a-new-user-namespace-does-not-lift-msg_max", create());
	must(effective(0));
	claim("uid-0-without-CAP_SYS_RESOURCE-cannot-exceed-msg_max", create());
	return 0;
}
