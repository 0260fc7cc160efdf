/* Creates queues, segments and sets until a limit is reached, and leaves them. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(void) {
	for (int n = 0; n < 3000; n++) {
		char name[32];
		snprintf(name, sizeof name, "/mine-%d", n);
		mq_open(name, O_CREAT | O_RDWR, 0600, NULL);
		msgget(IPC_PRIVATE, 0600);
		semget(IPC_PRIVATE, 250, 0600);
		shmat(shmget(IPC_PRIVATE, 1 << 30, 0600), NULL, 0);
	}
	return 1;
}
