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
	claim("a-system-v-semaphore-asks-for-permission-at-each-semop", outcome(add(semid, 0, 1, 0)));
	claim("mode-0400-lets-a-system-v-semaphore-be-read", outcome(semctl(semid, 0, GETVAL)));
	claim("semget-asks-for-the-permissions-in-its-flags", outcome(semget(KEY, 1, 0600)));
	must(semctl(semid, 0, IPC_RMID));

	struct shmid_ds segment;
	int shmid = must(shmget(KEY, 4096, IPC_CREAT | IPC_EXCL | 0600));
	char *memory = must(shmat(shmid, NULL, 0)), *view = must(shmat(shmid, NULL, SHM_RDONLY));
	must(shmctl(shmid, IPC_STAT, &segment));
	segment.shm_perm.mode = 0;
	must(shmctl(shmid, IPC_SET, &segment));
	strcpy(memory, "written");
	claim("attached-memory-asks-for-no-permission", view);
	claim("a-system-v-segment-asks-for-permission-at-each-shmat",
		  outcome((long)shmat(shmid, NULL, SHM_RDONLY)));
	claim("mode-0000-hides-a-system-v-segment-from-its-owner", outcome(shmctl(shmid, IPC_STAT, &segment)));
	claim("shmget-with-flags-0-asks-for-no-permission", outcome(shmget(KEY, 0, 0)));
	claim("shmget-asks-for-the-permissions-in-its-flags", outcome(shmget(KEY, 0, 0600)));
	must(shmctl(shmid, IPC_RMID, NULL));
	return 0;
}
