/* A process takes a semaphore by lowering its value, and one semop makes all its changes or none. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

enum { PRINTER, SHEETS };

static int semid;

/* [1, 2] */
static const char *values(void) {
	static char text[32];
	unsigned short all[2];
	must(semctl(semid, 0, GETALL, (union semun){.array = all}));
	snprintf(text, sizeof text, "[%d, %d]", all[PRINTER], all[SHEETS]);
	return text;
}

static void set(unsigned short printer, unsigned short sheets) {
	must(semctl(semid, 0, SETALL, (union semun){.array = (unsigned short[]){printer, sheets}}));
}

/* Waits until no sheet is left. */
static void b(int a) {
	tell(a, outcome(add(semid, SHEETS, 0, 0)));
}
/* Takes the printer, and holds it. */
static void c(int a) {
	must(add(semid, PRINTER, -1, 0));
	tell(a, "taken");
	hear(a);
}
/* Takes the printer and brings a sheet, with SEM_UNDO. */
static void d(int a) {
	must(add(semid, PRINTER, -1, SEM_UNDO));
	must(add(semid, SHEETS, 1, SEM_UNDO));
	tell(a, "taken");
	hear(a);
}

int main(void) {
	pid_t pid;
	semid = must(semget(IPC_PRIVATE, 2, 0600));
	claim("linux-sets-the-semaphores-of-a-new-set-to-0", values());
	set(1, 2);
	must(add(semid, PRINTER, -1, 0));
	claim("taking-a-semaphore-lowers-its-value", value(semid, PRINTER));
	claim("a-semop-that-would-lower-a-value-below-0-has-to-wait", outcome(add(semid, PRINTER, -1, IPC_NOWAIT)));

	/* Take a sheet and the printer in one call. */
	struct sembuf both[] = {{SHEETS, -1, IPC_NOWAIT}, {PRINTER, -1, IPC_NOWAIT}};
	claim("with-IPC_NOWAIT-the-whole-semop-fails-with-EAGAIN", outcome(semop(semid, both, 2)));
	claim("a-semop-that-cannot-do-all-does-nothing", value(semid, SHEETS));
	must(add(semid, PRINTER, 1, 0));
	must(semop(semid, both, 2));
	claim("a-semop-that-can-do-all-does-all", values());

	int end = begin(b, &pid);
	while (must(semctl(semid, SHEETS, GETZCNT)) == 0)
		usleep(1000); /* B has not reached its semop yet */
	claim("GETZCNT-counts-the-processes-that-wait-for-0", semctl(semid, SHEETS, GETZCNT));
	must(add(semid, SHEETS, -1, 0));
	claim("a-process-that-waits-for-0-wakes-up-at-0", hear(end));
	claim("waiting-for-0-does-not-change-the-value", value(semid, SHEETS));
	finish(pid);

	set(1, 0);
	hear(begin(c, &pid));
	kill_and_reap(pid);
	claim("a-semaphore-that-a-killed-process-took-stays-taken", value(semid, PRINTER));

	set(1, 0);
	hear(begin(d, &pid));
	must(add(semid, PRINTER, 0, IPC_NOWAIT)); /* it is 0, so the last pid is this process's now */
	kill_and_reap(pid);
	claim("SEM_UNDO-gives-back-what-a-killed-process-took", value(semid, PRINTER));
	claim("SEM_UNDO-takes-back-what-a-killed-process-gave", value(semid, SHEETS));
	claim("after-an-undo-GETPID-returns-the-pid-of-the-killed-process", (bool)(semctl(semid, PRINTER, GETPID) == pid));
	must(semctl(semid, 0, IPC_RMID));
	return 0;
}
