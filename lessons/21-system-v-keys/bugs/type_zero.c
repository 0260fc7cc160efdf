/* Sends a request to a queue, and prints how many requests wait there. */
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

int main(void) {
	struct msqid_ds queue;
	struct {
		long type;
		char text[16];
	} request = {0, "hello"}; /* BUG */
	int msqid = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	if (msqid == -1)
		return 1;
	msgsnd(msqid, &request, sizeof request.text, IPC_NOWAIT);
	msgctl(msqid, IPC_STAT, &queue);
	printf("requests: %lu\n", queue.msg_qnum);
	return msgctl(msqid, IPC_RMID, NULL);
}
