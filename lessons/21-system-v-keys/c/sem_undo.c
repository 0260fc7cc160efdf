/* A semop performs its operations in order, and an undo goes only as far as the value allows. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define LARGEST 32767 /* SEMVMX */

static int semid;

static time_t otime(void) {
	struct semid_ds ds;
	must(semctl(semid, 0, IPC_STAT, (union semun){.buf = &ds}));
	return ds.sem_otime;
}

static void set(int value) {
	must(semctl(semid, 0, SETVAL, (union semun){.val = value}));
}

/* Each of these processes calls semop once, and is then killed. */
static void operate(int a, int amount, int flags) {
	must(add(semid, 0, amount, flags));
	tell(a, "done");
	hear(a);
}
static void b(int a) {
	operate(a, 2, SEM_UNDO);
}
static void c(int a) {
	operate(a, -2, SEM_UNDO);
}
static void d(int a) {
	operate(a, 0, 0);
}
static void e(int a) {
	operate(a, -1, SEM_UNDO);
}

int main(void) {
	pid_t pid;
	struct sembuf raise_and_lower[] = {{0, 1, IPC_NOWAIT}, {0, -1, IPC_NOWAIT}};
	struct sembuf lower_and_raise[] = {{0, -1, IPC_NOWAIT}, {0, 1, IPC_NOWAIT}};
	semid = must(semget(IPC_PRIVATE, 1, 0600));
	claim("a-semop-that-raises-0-and-then-lowers-it-succeeds", outcome(semop(semid, raise_and_lower, 2)));
	claim("a-semop-that-lowers-0-and-then-raises-it-has-to-wait", outcome(semop(semid, lower_and_raise, 2)));

	hear(begin(b, &pid));
	must(add(semid, 0, -1, IPC_NOWAIT));
	kill_and_reap(pid); /* the value is 1, and B's undo is -2 */
	claim("an-undo-lowers-a-value-to-0-and-no-further", value(semid, 0));

	set(LARGEST);
	hear(begin(c, &pid));
	must(add(semid, 0, 1, IPC_NOWAIT));
	kill_and_reap(pid); /* the value is 32766, and C's undo is 2 */
	claim("an-undo-raises-a-value-to-32767-and-no-further", value(semid, 0));

	set(0);
	hear(begin(d, &pid));
	claim("a-wait-for-0-also-sets-the-last-pid", (bool)(semctl(semid, 0, GETPID) == pid));
	kill_and_reap(pid);

	set(1);
	hear(begin(e, &pid));
	time_t taken = otime();
	usleep(1100000); /* sem_otime counts seconds */
	kill_and_reap(pid);
	claim("an-undo-sets-sem_otime", (bool)(otime() != taken));
	must(semctl(semid, 0, IPC_RMID));
	return 0;
}
