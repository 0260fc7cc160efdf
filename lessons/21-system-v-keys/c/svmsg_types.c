/* The receiver of a System V message chooses by its type, and gets one message at a time. */
#define _GNU_SOURCE /* MSG_EXCEPT */
#include "../../c/claim.h"
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

struct message {
	long mtype;
	char mtext[64];
};

static int post(int msqid, long mtype, const char *text) {
	struct message message = {.mtype = mtype};
	strcpy(message.mtext, text);
	return msgsnd(msqid, &message, strlen(text), IPC_NOWAIT); /* the length of the text alone */
}

/* The text of the message that msgtyp asks for, or the errno's name. */
static const char *take(int msqid, long msgtyp, int msgflg) {
	static struct message message;
	ssize_t length = msgrcv(msqid, &message, sizeof message.mtext - 1, msgtyp, IPC_NOWAIT | msgflg);
	if (length == -1)
		return outcome(-1);
	message.mtext[length] = '\0';
	return message.mtext;
}

static struct msqid_ds look(int msqid) {
	struct msqid_ds ds;
	must(msgctl(msqid, IPC_STAT, &ds));
	return ds;
}

int main(void) {
	int msqid = must(msgget(IPC_PRIVATE, 0600));
	must(post(msqid, 5, "first"));
	must(post(msqid, 4, "second"));
	must(post(msqid, 7, "third"));
	must(post(msqid, 3, "fourth"));
	must(post(msqid, 4, "fifth"));
	must(post(msqid, 2, "sixth"));
	claim("a-message-of-type-0-cannot-be-sent", outcome(post(msqid, 0, "any")));

	claim("msgtyp-0-takes-the-oldest-message", take(msqid, 0, 0));
	claim("an-exact-type-passes-over-older-messages", take(msqid, 3, 0));
	claim("messages-of-one-type-come-in-the-order-sent", take(msqid, 4, 0));
	claim("a-negative-type-takes-the-lowest-type-first", take(msqid, -6, 0));
	claim("MSG_EXCEPT-takes-the-first-message-of-another-type", take(msqid, 7, MSG_EXCEPT));
	claim("a-negative-type-never-takes-a-type-above-its-absolute-value", take(msqid, -6, 0));

	/* A buffer of three bytes, and a text of five. */
	struct message small;
	claim("msgrcv-fails-with-E2BIG-if-the-text-is-longer-than-the-buffer", outcome(msgrcv(msqid, &small, 3, 0, IPC_NOWAIT)));
	claim("a-message-refused-with-E2BIG-stays-on-the-queue", look(msqid).msg_qnum);
	must(msgrcv(msqid, &small, 3, 0, IPC_NOWAIT | MSG_NOERROR));
	claim_bytes("MSG_NOERROR-gives-the-beginning-of-the-text", small.mtext, 3);
	claim("MSG_NOERROR-discards-the-rest-of-the-text", look(msqid).__msg_cbytes);
	must(post(msqid, 1, "ok"));
	claim("the-buffer-needs-room-only-for-the-message-that-msgrcv-takes", msgrcv(msqid, &small, 3, 0, IPC_NOWAIT));

	/* Two texts and an empty one into the queue; the same two texts into a pipe. */
	must(post(msqid, 1, "ab"));
	must(post(msqid, 1, "cd"));
	must(post(msqid, 1, ""));
	int ends[2];
	char buffer[64];
	must(pipe(ends));
	must(write(ends[1], "ab", 2));
	must(write(ends[1], "cd", 2));
	claim("one-read-of-a-pipe-returns-the-bytes-of-two-writes", read(ends[0], buffer, sizeof buffer));
	claim("msgrcv-takes-one-message-and-no-more", take(msqid, 0, 0));
	claim("the-next-msgrcv-takes-the-next-message", take(msqid, 0, 0));
	claim("an-empty-text-is-a-message-too", take(msqid, 0, 0));

	must(msgctl(msqid, IPC_RMID, NULL));
	return 0;
}
