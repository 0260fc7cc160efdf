/* A client learns from an errno that its server was restarted. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define KEY 0x636c6e74

static int restart(int old) {
	must(msgctl(old, IPC_RMID, NULL));
	return must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
}

/* Finds the queue, and waits for an answer. Then finds the new queue, and sends. */
static void client(int server) {
	int msqid = must(msgget(KEY, 0));
	tell(server, "connected");
	tell(server, take(msqid, 0));
	hear(server);
	msqid = must(msgget(KEY, 0));
	tell(server, "connected again");
	hear(server);
	tell(server, outcome(post(msqid, "three")));
}

int main(void) {
	claim("a-client-that-starts-before-its-server-gets-ENOENT", outcome(msgget(KEY, 0)));
	int first = must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
	pid_t pid;
	int end = begin(client, &pid);
	hear(end);
	until_asleep(pid);

	/* The server is started again while the client waits. */
	int second = restart(first);
	claim("the-msgrcv-of-a-waiting-client-fails-with-EIDRM", hear(end));
	claim("the-client-is-connected-to-another-queue", (bool)(second == first));
	tell(end, "connect");
	hear(end);

	/* The server is started once more, while the client does something else. */
	int third = restart(second);
	tell(end, "send");
	claim("the-next-msgsnd-of-the-client-fails-with-EINVAL", hear(end));
	finish(pid);
	must(msgctl(third, IPC_RMID, NULL));
	return 0;
}
