/* The kernel checks the mode of a semaphore set at each call, and of a segment when you attach it. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/user.h"
#include <string.h>

#define KEY 0x5acce55

int main(void) {
	must(effective(0)); /* root would pass all checks */
	struct semid_ds set;
	int semid = must(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600));
	must(add(semid, 0, 1, 0));
	must(semctl(semid, 0, IPC_STAT, (union semun){.buf = &set}));
	set.sem_perm.mode = 0400;
	must(semctl(semid, 0, IPC_SET, (union semun){.buf = &set}));
	claim("semop-checks-the-mode-at-each-call", outcome(add(semid, 0, 1, 0)));
	claim("the-owner-can-read-a-system-v-semaphore-of-mode-0400", outcome(semctl(semid, 0, GETVAL)));
	claim("semget-checks-the-permissions-that-its-flags-request", outcome(semget(KEY, 1, 0600)));
	must(semctl(semid, 0, IPC_RMID));

	struct shmid_ds segment;
	int shmid = must(shmget(KEY, 4096, IPC_CREAT | IPC_EXCL | 0600));
	char *memory = must(shmat(shmid, NULL, 0)), *view = must(shmat(shmid, NULL, SHM_RDONLY));
	must(shmctl(shmid, IPC_STAT, &segment));
	segment.shm_perm.mode = 0;
	must(shmctl(shmid, IPC_SET, &segment));
	strcpy(memory, "written");
	claim("mode-0000-does-not-stop-a-process-that-has-the-segment-attached", view);
	claim("shmat-checks-the-mode-at-each-call",
		  outcome((long)shmat(shmid, NULL, SHM_RDONLY)));
	claim("IPC_STAT-of-a-system-v-segment-of-mode-0000-fails-even-for-the-owner", outcome(shmctl(shmid, IPC_STAT, &segment)));
	claim("shmget-with-flags-0-checks-no-permission", outcome(shmget(KEY, 0, 0)));
	claim("shmget-checks-the-permissions-that-its-flags-request", outcome(shmget(KEY, 0, 0600)));
	must(shmctl(shmid, IPC_RMID, NULL));
	return 0;
}
