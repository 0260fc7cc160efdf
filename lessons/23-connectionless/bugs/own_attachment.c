/* At its end, a server removes its segment only if no client is attached to it. */
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/shm.h>

int main(void) {
	struct shmid_ds segment;
	int shmid = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	if (shmid == -1)
		return 1;
	char *memory = shmat(shmid, NULL, 0);
	if (memory == (void *)-1)
		return 1;
	memory[0] = 1;

	shmctl(shmid, IPC_STAT, &segment);
	int clients = (int)segment.shm_nattch; /* BUG */
	puts(clients > 0 ? "a client is attached, so it stays" : "nobody is attached, so it goes");
	return shmctl(shmid, IPC_RMID, NULL);
}
