/* Between semget and SETVAL another process can use the semaphore, and SETVAL overwrites its change. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define KEY 0x72616365

static void b(int a) {
	hear(a);
	int semid = must(semget(KEY, 1, IPC_CREAT | 0600)); /* finds it, or creates it */
	claim("a-process-can-find-a-set-before-its-value-is-set", value(semid, 0));
	must(add(semid, 0, 1, 0));
	tell(a, "added");
	hear(a);
	must(semctl(semid, 0, SETVAL, (union semun){.val = 1}));
	tell(a, outcome(add(semid, 0, -1, IPC_NOWAIT)));
}

int main(void) {
	pid_t pid;
	int end = begin(b, &pid);
	int semid = must(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600));
	tell(end, "go");
	hear(end);
	must(semctl(semid, 0, SETVAL, (union semun){.val = 1}));
	claim("SETVAL-overwrites-the-change-of-another-process", value(semid, 0));

	/* A takes the semaphore. Then B sets the value too, to be on the safe side. */
	must(add(semid, 0, -1, IPC_NOWAIT));
	tell(end, "go");
	claim("a-second-SETVAL-lets-a-second-holder-in", hear(end));
	finish(pid);
	must(semctl(semid, 0, IPC_RMID));
	return 0;
}
