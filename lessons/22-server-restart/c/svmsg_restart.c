/* A killed server loses requests, and its client cannot tell whether they were done. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define KEY 0x72737472
#define REQUEST 1
#define ANSWER 2

struct message {
	long mtype;
	char mtext[8];
};

static int transmit(int msqid, long mtype) {
	struct message message = {.mtype = mtype};
	return msgsnd(msqid, &message, sizeof message.mtext, 0);
}

static int receive(int msqid, long mtype) {
	struct message message;
	return msgrcv(msqid, &message, sizeof message.mtext, mtype, 0);
}

static int semid, server_end;
static pid_t server_pid;

/* A server that takes over the key. It does one step in each turn. */
static void serve(int end) {
	int old = msgget(KEY, 0);
	if (old != -1)
		must(msgctl(old, IPC_RMID, NULL));
	int msqid = must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
	tell(end, "ready");
	hear(end);
	must(receive(msqid, REQUEST));
	tell(end, "taken");
	hear(end);
	must(add(semid, 0, 1, 0)); /* the work */
	tell(end, "done");
	hear(end);
	must(transmit(msqid, ANSWER));
	tell(end, "answered");
	hear(end);
}

static void start_server(void) {
	server_end = begin(serve, &server_pid);
	hear(server_end);
}

static void do_things(int things) {
	for (; things > 0; things--) {
		tell(server_end, "go on");
		hear(server_end);
	}
}

static int queued(void) {
	struct msqid_ds ds;
	must(msgctl(must(msgget(KEY, 0)), IPC_STAT, &ds));
	return ds.msg_qnum;
}

/* Kills the server, and starts another one. Returns how many messages were in the old queue
 * and are not in the new one. */
static int restart(void) {
	kill_and_reap(server_pid);
	close(server_end);
	int before = queued();
	start_server();
	return before - queued();
}

/* A client that sends a request and waits for the answer. */
static void ask(int end) {
	int msqid = must(msgget(KEY, 0));
	must(transmit(msqid, REQUEST));
	tell(end, "asked");
	tell(end, outcome(receive(msqid, ANSWER)));
}

/* What such a client gets when the server is killed after `things` steps of its work. */
static const char *restart_under_a_client(int things, int *lost) {
	static char got[64];
	pid_t pid;
	int end = begin(ask, &pid);
	hear(end);
	until_asleep(pid);
	do_things(things);
	*lost = restart();
	strcpy(got, hear(end));
	finish(pid);
	close(end);
	return got;
}

int main(void) {
	semid = must(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600));
	start_server();

	int msqid = must(msgget(KEY, 0)), lost;
	must(transmit(msqid, REQUEST));
	do_things(3);
	must(receive(msqid, ANSWER));
	claim("between-requests-nothing-is-lost", restart());
	claim("after-a-restart-between-requests-the-next-msgsnd-fails-with-EINVAL", outcome(transmit(msqid, REQUEST)));

	const char *got = restart_under_a_client(0, &lost);
	claim("a-request-in-the-queue-is-lost-with-it", lost);
	claim("a-client-whose-request-was-queued-gets-EIDRM", got);
	got = restart_under_a_client(1, &lost);
	claim("a-request-that-the-server-has-received-is-in-no-queue", lost);
	claim("a-client-whose-request-was-received-gets-EIDRM", got);
	claim("a-request-that-was-only-received-is-not-done", value(semid, 0));
	got = restart_under_a_client(2, &lost);
	claim("a-client-whose-request-was-done-also-gets-EIDRM", got);
	claim("work-done-before-the-kill-stays-done", value(semid, 0));

	msqid = must(msgget(KEY, 0));
	must(transmit(msqid, REQUEST));
	do_things(3);
	claim("an-answer-in-the-queue-is-lost-with-it", restart());
	claim("a-client-whose-answer-was-lost-gets-EINVAL", outcome(receive(msqid, ANSWER)));

	kill_and_reap(server_pid);
	must(msgctl(must(msgget(KEY, 0)), IPC_RMID, NULL));
	must(semctl(semid, 0, IPC_RMID));
	return 0;
}
