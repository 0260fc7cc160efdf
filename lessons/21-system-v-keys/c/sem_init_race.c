/* To create a set and to set its value are two calls, and another process may come in between. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define KEY 0x72616365

static void b(int a) {
	hear(a);
	int semid = must(semget(KEY, 1, IPC_CREAT | 0600)); /* finds it, or creates it */
	claim("a-set-is-found-before-its-value-is-set", value(semid, 0));
	must(add(semid, 0, 1, 0));
	tell(a, "given");
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
	claim("SETVAL-overwrites-what-another-has-done", value(semid, 0));

	/* A takes it; then B, to be sure, sets the value too. */
	must(add(semid, 0, -1, IPC_NOWAIT));
	tell(end, "go");
	claim("a-second-SETVAL-lets-a-second-holder-in", hear(end));
	finish(pid);
	must(semctl(semid, 0, IPC_RMID));
	return 0;
}
