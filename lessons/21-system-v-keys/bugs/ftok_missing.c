/* Two programs, each with a key file of its own, should have two queues. Neither file exists. */
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

static int queue_of(const char *file) {
	return msgget(ftok(file, 1), IPC_CREAT | 0600); /* BUG */
}

int main(void) {
	int first = queue_of("/nowhere/first"), second = queue_of("/nowhere/second");
	if (first == -1 || second == -1)
		puts("a key file is missing");
	else if (first == second)
		puts("both have one queue");
	return first == -1 ? 0 : msgctl(first, IPC_RMID, NULL);
}
