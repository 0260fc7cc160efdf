/* A client reads what the server has written. If the server has removed the segment, it says so. */
#include <signal.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

static void killed(int signal) {
	ssize_t written = write(1, "killed by SIGSEGV\n", 18);
	_exit(written == 18 ? signal : 2);
}

int main(void) {
	signal(SIGSEGV, killed);
	int shmid = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	if (shmid == -1)
		return 1;
	shmctl(shmid, IPC_RMID, NULL);

	char *memory = shmat(shmid, NULL, SHM_RDONLY);
	if (memory == NULL) { /* BUG */
		puts("the segment is gone");
		return 0;
	}
	printf("the server says: %s\n", memory);
	return 0;
}
