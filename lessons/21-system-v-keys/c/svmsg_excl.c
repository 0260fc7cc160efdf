/* With IPC_CREAT and IPC_EXCL exactly one of many processes creates the queue. */
#include "../../c/claim.h"
#include "../../c/race.h"
#include "../../c/sysv.h"
#include "../../c/user.h"

#define KEY 99999

static long create(void) {
	return msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
}

static void destroy(void) {
	must(msgctl(must(msgget(KEY, 0)), IPC_RMID, NULL));
}

int main(void) {
	int msqid = must(create());
	claim("IPC_CREAT-with-IPC_EXCL-refuses-even-the-creator", outcome(create()));
	claim("IPC_EXCL-alone-is-ignored", outcome(msgget(KEY, IPC_EXCL)));

	/* A queue of mode 0000, and a process without capabilities. */
	struct msqid_ds ds;
	must(effective(0)); /* otherwise, root would pass every check */
	must(msgctl(msqid, IPC_STAT, &ds));
	ds.msg_perm.mode = 0;
	must(msgctl(msqid, IPC_SET, &ds));
	claim("the-mode-bits-in-the-flags-are-checked-against-an-existing-queue", outcome(msgget(KEY, IPC_CREAT | 0600)));
	claim("IPC_EXCL-reports-a-queue-before-permission-is-checked", outcome(create()));
	claim("flags-0-find-a-queue-that-grants-nothing", outcome(msgget(KEY, 0)));
	claim("the-identifier-alone-grants-nothing", outcome(post(msqid, "x")));
	must(msgctl(msqid, IPC_RMID, NULL));
	claim("IPC_EXCL-alone-creates-nothing", outcome(msgget(KEY, IPC_EXCL)));
	int anew = must(create());
	claim("the-same-key-leads-to-another-identifier-after-removal", (bool)(anew != msqid));
	must(msgctl(anew, IPC_RMID, NULL));

	/* Eight processes try to create it at the same moment, a hundred times. */
	int succeed, too_late;
	race(create, destroy, &succeed, &too_late);
	claim("one-of-eight-processes-with-IPC_EXCL-creates-the-queue", succeed);
	claim("the-seven-others-get-EEXIST", too_late);
	destroy();
	return 0;
}
