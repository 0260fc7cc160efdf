/* When the server was restarted, a client asks for the queue again and sends once more. */
#include <errno.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#define KEY 0x2345678

int main(void) {
	struct msqid_ds queue;
	struct {
		long type;
		char text[8];
	} request = {1, "hello"};
	int msqid = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
	msgctl(msqid, IPC_RMID, NULL); /* the server restarts while the client does something else */
	int new = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);

	int sent = msgsnd(msqid, &request, sizeof request.text, IPC_NOWAIT);
	if (sent == -1 && errno == EIDRM) { /* BUG */
		msqid = msgget(KEY, 0600);
		msgsnd(msqid, &request, sizeof request.text, IPC_NOWAIT);
	}
	msgctl(new, IPC_STAT, &queue);
	printf("requests at the new server: %lu\n", queue.msg_qnum);
	return msgctl(new, IPC_RMID, NULL);
}
