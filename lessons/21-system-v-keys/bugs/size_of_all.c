/* Sends a text of 16 bytes, and prints the length of the text that is received. */
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

struct message {
	long type;
	char text[16];
};

int main(void) {
	struct message sent[2] = {{1, "hello"}, {2, "not to be sent"}};
	char received[sizeof(long) + 64];
	int msqid = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	if (msqid == -1)
		return 1;
	msgsnd(msqid, &sent[0], sizeof sent[0], IPC_NOWAIT); /* BUG */
	ssize_t length = msgrcv(msqid, received, 64, 0, IPC_NOWAIT);
	printf("received %zd bytes\n", length);
	return msgctl(msqid, IPC_RMID, NULL);
}
