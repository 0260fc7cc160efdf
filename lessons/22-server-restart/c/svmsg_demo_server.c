/* A restarted server removes its old queue and creates a new one, which has another identifier. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define KEY 0x73727672

/* Creates the queue. If there is one already, removes it and tries again. */
static int take_over(void) {
	int msqid = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
	if (msqid == -1 && errno == EEXIST) {
		must(msgctl(must(msgget(KEY, 0)), IPC_RMID, NULL));
		msqid = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
	}
	return must(msqid);
}

static int waiting(int msqid) {
	struct msqid_ds ds;
	must(msgctl(msqid, IPC_STAT, &ds));
	return ds.msg_qnum;
}

/* Answers one request. It is killed afterwards. */
static void first(int end) {
	int msqid = take_over();
	tell(end, "ready");
	take(msqid, 0);
	hear(end);
}
/* Waits for requests until its queue is removed. */
static void second(int end) {
	int msqid = take_over();
	tell(end, "ready");
	hear(end);
	tell(end, "waiting");
	tell(end, take(msqid, 0));
}
static void third(int end) {
	take_over();
	tell(end, "ready");
	hear(end);
}

int main(void) {
	pid_t pid, other;
	int end = begin(first, &pid);
	hear(end);
	int old = must(msgget(KEY, 0));
	must(post(old, "hello"));
	while (waiting(old) == 1)
		usleep(1000);
	kill_and_reap(pid);
	claim("the-queue-of-a-killed-server-still-accepts-requests", outcome(post(old, "anybody?")));
	claim("a-request-to-a-killed-server-waits-in-the-queue", waiting(old));

	claim("msgget-with-IPC_EXCL-fails-with-EEXIST-if-an-old-queue-is-left", outcome(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600)));
	end = begin(second, &pid);
	hear(end);
	int new = must(msgget(KEY, 0));
	claim("the-key-leads-to-another-identifier-now", (bool)(new == old));
	claim("a-waiting-request-is-removed-with-the-old-queue", waiting(new));

	/* A third server starts while the second one is running and waits for requests. */
	tell(end, "wait");
	hear(end);
	until_asleep(pid);
	hear(begin(third, &other));
	claim("a-new-server-also-removes-the-queue-of-a-running-server", hear(end));
	finish(pid);
	kill_and_reap(other);

	/* A server creates its queue without IPC_EXCL. */
	int left = must(msgget(KEY, 0));
	must(post(left, "from before"));
	int taken = must(msgget(KEY, IPC_CREAT | 0600));
	claim("msgget-with-IPC_CREAT-alone-returns-the-old-identifier", (bool)(taken == left));
	claim("msgget-with-IPC_CREAT-alone-finds-the-old-requests", waiting(taken));
	must(msgctl(taken, IPC_RMID, NULL));
	return 0;
}
