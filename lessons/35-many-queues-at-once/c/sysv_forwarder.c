/* A System V queue cannot be polled. A process that forwards its messages into a pipe helps, at a price. */
#include "../../c/claim.h"
#include "../../c/polling.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <unistd.h>

struct message {
	long mtype;
	char mtext[64];
};

static int msqid, pipefd[2];

/* Creates a queue whose identifier is not also the number of an open descriptor. */
static int create(void) {
	for (;;) {
		int msqid = must(msgget(IPC_PRIVATE, 0600));
		if (fcntl(msqid, F_GETFD) == -1)
			return msqid;
		must(msgctl(msqid, IPC_RMID, NULL));
	}
}

static void send_one(long mtype, const char *text) {
	struct message message = {.mtype = mtype};
	strcpy(message.mtext, text);
	must(msgsnd(msqid, &message, strlen(text), 0));
}

static void forward(int a) {
	struct message message;
	close(pipefd[0]);
	for (;;) {
		ssize_t length = msgrcv(msqid, &message, sizeof message.mtext, 0, 0);
		tell(a, outcome(length));
		hear(a);
		must(write(pipefd[1], &message, sizeof message.mtype + length));
		tell(a, "written");
	}
}

int main(void) {
	struct message message;
	struct msqid_ds ds;
	msqid = create();
	send_one(1, "hello");
	claim("poll-reports-POLLNVAL-for-a-msqid", ask(msqid, POLLIN));
	must(msgrcv(msqid, &message, sizeof message.mtext, 0, 0));

	pid_t pid;
	must(pipe(pipefd));
	int end = begin(forward, &pid);
	close(pipefd[1]);
	claim("the-pipe-is-not-readable-before-a-message-comes", ask(pipefd[0], POLLIN));
	send_one(5, "hello");
	claim("a-message-wakes-the-forwarder", hear(end));
	must(msgctl(msqid, IPC_STAT, &ds));
	claim("the-forwarder-has-taken-the-message-from-the-queue", ds.msg_qnum);
	tell(end, "write");
	hear(end);
	claim("a-forwarded-message-makes-the-pipe-readable", ask(pipefd[0], POLLIN));
	ssize_t length = must(read(pipefd[0], &message, sizeof message));
	claim_bytes("the-record-in-the-pipe-has-the-type-and-the-text", &message, length);

	send_one(1, "important");
	hear(end);
	kill_and_reap(pid);
	claim("a-message-that-a-killed-forwarder-had-taken-is-not-in-the-queue",
	      outcome(msgrcv(msqid, &message, sizeof message.mtext, 0, IPC_NOWAIT)));
	claim("the-pipe-of-a-killed-forwarder-has-POLLHUP-and-no-message", ask(pipefd[0], POLLIN));
	must(msgctl(msqid, IPC_RMID, NULL));
	return 0;
}
