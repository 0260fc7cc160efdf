/* A client that handles only EIDRM keeps using the identifier of a removed queue. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define KEY 0x62616463

static int msqid; /* the client asks for it once, and again only after EIDRM */

static int send_request(void) {
	int sent = post(msqid, "request");
	if (sent == -1 && errno == EIDRM) {
		msqid = must(msgget(KEY, 0));
		sent = post(msqid, "request");
	}
	return sent; /* any other errno is returned */
}

static void client(int server) {
	msqid = must(msgget(KEY, 0));
	tell(server, "connected");
	tell(server, take(msqid, 0)); /* it waits for an answer */
	hear(server);
	msqid = must(msgget(KEY, 0));
	for (;;) {
		tell(server, outcome(send_request()));
		hear(server);
	}
}

static int new_queue(void) {
	return must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
}

static int waiting(int queue) {
	struct msqid_ds ds;
	must(msgctl(queue, IPC_STAT, &ds));
	return ds.msg_qnum;
}

int main(void) {
	int first = new_queue();
	pid_t pid;
	int end = begin(client, &pid);
	hear(end);
	until_asleep(pid);
	must(msgctl(first, IPC_RMID, NULL));
	int second = new_queue();
	claim("a-client-that-waited-gets-EIDRM", hear(end));
	tell(end, "go on");
	hear(end);
	claim("a-client-that-was-told-EIDRM-reconnects-and-its-request-arrives", waiting(second));

	/* The server is restarted while the client does something else. */
	must(msgctl(second, IPC_RMID, NULL));
	int third = new_queue();
	tell(end, "go on");
	claim("a-client-that-did-not-wait-gets-EINVAL", hear(end));
	tell(end, "go on");
	claim("trying-again-with-the-stale-identifier-changes-nothing", hear(end));
	claim("nothing-reaches-the-new-queue", waiting(third));
	kill_and_reap(pid);
	must(msgctl(third, IPC_RMID, NULL));
	return 0;
}
