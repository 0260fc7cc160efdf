/* A client that handles EINVAL and EIDRM, and compares identifiers, survives every restart. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define KEY 0x676f6f64

static int msqid; /* the client's */

/* Either errno may mean a restart. Another identifier under the same key proves it. */
static int reconnect(void) {
	int why = errno;
	if (why != EINVAL && why != EIDRM)
		return -1;
	int new = msgget(KEY, 0);
	if (new == -1)
		return -1;
	if (new == msqid) {
		errno = why; /* the queue is there: the mistake is in the call */
		return -1;
	}
	msqid = new;
	return 0;
}

static int send_request(long mtype) {
	struct {
		long mtype;
		char mtext[8];
	} request = {mtype, "request"};
	int sent = msgsnd(msqid, &request, 7, IPC_NOWAIT);
	if (sent == -1 && reconnect() == 0)
		sent = msgsnd(msqid, &request, 7, IPC_NOWAIT);
	return sent;
}

static void client(int server) {
	static const long mtypes[] = {1, 1, 0, 1};
	struct {
		long mtype;
		char mtext[16];
	} answer;
	msqid = must(msgget(KEY, 0));
	tell(server, "connected");
	const char *woken = outcome(msgrcv(msqid, &answer, sizeof answer.mtext, 2, 0));
	int why = errno;
	tell(server, woken);
	hear(server); /* until the new queue is there */
	errno = why;
	must(reconnect());
	for (int i = 0; i < 4; i++) {
		tell(server, outcome(send_request(mtypes[i])));
		if (i < 3)
			hear(server);
	}
}

static int new_queue(void) {
	return must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
}

int main(void) {
	int first = new_queue();
	char got[160];
	struct msqid_ds ds;
	pid_t pid;
	int end = begin(client, &pid);
	hear(end);
	until_asleep(pid);
	must(msgctl(first, IPC_RMID, NULL));
	int second = new_queue(), length = snprintf(got, sizeof got, "%s, then ", hear(end));
	tell(end, "go on");
	snprintf(got + length, sizeof got - length, "%s", hear(end));
	claim("after-EIDRM-the-good-client-reconnects", got);

	/* The server is restarted while the client does something else. */
	must(msgctl(second, IPC_RMID, NULL));
	int third = new_queue();
	tell(end, "go on");
	hear(end);
	must(msgctl(third, IPC_STAT, &ds));
	claim("after-EINVAL-from-a-stale-identifier-the-good-client-reconnects", ds.msg_qnum);

	tell(end, "go on"); /* a message of type 0 */
	snprintf(got, sizeof got, "%s, and %s identifier", hear(end), msgget(KEY, 0) == third ? "the same" : "another");
	claim("EINVAL-with-the-same-identifier-is-no-restart", got);
	must(msgctl(third, IPC_RMID, NULL));
	tell(end, "go on");
	claim("while-the-server-is-away-msgget-fails-with-ENOENT", hear(end));
	finish(pid);
	return 0;
}
