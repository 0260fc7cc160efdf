/* A key leads to an identifier, and the identifier means the same queue in every process. */
#define _GNU_SOURCE /* unshare */
#include "../../c/apart.h"
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define KEY 12345

/* The identifier and the key of a queue in /proc/sysvipc/msg, as ipcs(1) finds them. */
static bool row(int *msqid, int *key, int wanted) {
	char line[256];
	bool found = false;
	FILE *table = fopen("/proc/sysvipc/msg", "r");
	if (table == NULL)
		die("/proc/sysvipc/msg");
	while (!found && fgets(line, sizeof line, table))
		found = sscanf(line, "%d %d", key, msqid) == 2 && *key == wanted;
	fclose(table);
	return found;
}

/* Does not call msgget. It reads the identifier, and sends. */
static void b(int a) {
	int msqid, key;
	hear(a);
	if (!row(&msqid, &key, KEY))
		msqid = -1;
	tell(a, outcome(post(msqid, "by number")));
}

/* In another IPC namespace: tries the identifier and the key, and creates a queue. */
static void c(int a) {
	int msqid = atoi(hear(a));
	go_apart();
	tell(a, outcome(post(msqid, "out")));
	tell(a, outcome(msgget(KEY, 0)));
	tell(a, outcome(msgget(KEY, IPC_CREAT | 0600)));
}

int main(void) {
	pid_t pid;
	int found, key, end = begin(b, &pid); /* before the queue exists, so that it inherits nothing */
	claim("without-IPC_CREAT-msgget-creates-nothing", outcome(msgget(KEY, 0)));
	int msqid = must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
	if (!row(&found, &key, KEY) || found != msqid)
		die("/proc/sysvipc/msg");
	char shown[16];
	snprintf(shown, sizeof shown, "%#x", (unsigned)key);
	claim("proc-sysvipc-lists-the-queue-with-its-key", (const char *)shown);
	tell(end, "go");
	claim("a-process-that-knows-the-identifier-can-send-without-msgget", hear(end));
	finish(pid);
	claim("the-identifier-means-the-same-queue-in-both-processes", take(msqid, IPC_NOWAIT));
	claim("IPC_CREAT-alone-also-succeeds-if-the-queue-exists", outcome(msgget(KEY, IPC_CREAT | 0600)));

	char number[16];
	snprintf(number, sizeof number, "%d", msqid);
	end = begin(c, &pid);
	tell(end, number);
	claim("an-identifier-means-nothing-in-another-namespace", hear(end));
	claim("a-key-means-nothing-in-another-namespace", hear(end));
	claim("IPC_CREAT-alone-creates-a-queue-if-none-exists", hear(end));
	finish(pid);

	must(msgctl(msqid, IPC_RMID, NULL));
	claim("removal-frees-the-key-at-once", outcome(msgget(KEY, 0)));
	claim("removal-takes-the-queue-out-of-proc-sysvipc", row(&found, &key, KEY));
	return 0;
}
