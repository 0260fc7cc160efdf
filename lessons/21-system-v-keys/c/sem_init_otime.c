/* The sem_otime of a set is 0 until its first semop, and shows other processes when the set is ready. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define KEY 0x6f74696d

static long otime(int semid) {
	struct semid_ds ds;
	must(semctl(semid, 0, IPC_STAT, (union semun){.buf = &ds}));
	return ds.sem_otime;
}

static void b(int a) {
	hear(a);
	claim("the-second-process-gets-EEXIST", outcome(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600)));
	int semid = must(semget(KEY, 1, 0600));
	claim("SETVAL-leaves-sem_otime-at-0", otime(semid));
	tell(a, "not yet"); /* your program would look again after a while, but not forever */
	hear(a);
	claim("the-first-semop-sets-sem_otime", (bool)(otime(semid) > 0));
	claim("a-process-that-waits-for-sem_otime-finds-the-value", value(semid, 0));
	must(add(semid, 0, 1, 0));
}

/* Creates the set, and is killed before its first semop. */
static void c(int a) {
	int semid = must(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600));
	must(semctl(semid, 0, SETVAL, (union semun){.val = 0}));
	tell(a, "created");
	hear(a);
}

int main(void) {
	pid_t pid;
	int end = begin(b, &pid);
	int semid = must(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600));
	must(semctl(semid, 0, SETVAL, (union semun){.val = 0}));
	tell(end, "go");
	hear(end);
	if (add(semid, 0, -1, IPC_NOWAIT) == 0) /* the call is refused */
		die("semop");
	claim("a-refused-semop-leaves-sem_otime-at-0", otime(semid));
	must(add(semid, 0, 1, 0)); /* marks the set as ready */
	tell(end, "ready");
	finish(pid);
	claim("no-change-is-lost-if-all-processes-wait-for-sem_otime", value(semid, 0));
	must(semctl(semid, 0, IPC_RMID));

	end = begin(c, &pid);
	hear(end);
	kill_and_reap(pid);
	claim("the-set-of-a-killed-creator-stays", outcome(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600)));
	semid = must(semget(KEY, 1, 0600));
	claim("a-creator-killed-before-its-semop-leaves-sem_otime-0", otime(semid));
	must(semctl(semid, 0, IPC_RMID));
	return 0;
}
