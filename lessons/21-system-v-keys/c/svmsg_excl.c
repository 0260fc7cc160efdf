/* Of all who create with IPC_CREAT and IPC_EXCL, exactly one succeeds. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/user.h"
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>

#define KEY 99999
#define RACERS 8
#define RACES 100

static int create(void) {
	return msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
}

int main(void) {
	int msqid = must(create());
	claim("IPC_CREAT-with-IPC_EXCL-refuses-even-the-creator", outcome(create()));
	claim("IPC_EXCL-alone-is-ignored", outcome(msgget(KEY, IPC_EXCL)));

	/* A queue that grants nothing. */
	struct msqid_ds ds;
	must(effective(0)); /* root would be refused nothing */
	must(msgctl(msqid, IPC_STAT, &ds));
	ds.msg_perm.mode = 0;
	must(msgctl(msqid, IPC_SET, &ds));
	claim("the-mode-in-the-flags-is-asked-of-a-queue-that-is-there", outcome(msgget(KEY, IPC_CREAT | 0600)));
	claim("IPC_EXCL-tells-of-a-queue-before-it-asks-for-permission", outcome(create()));
	claim("flags-0-lead-to-a-queue-that-grants-nothing", outcome(msgget(KEY, 0)));
	claim("the-identifier-alone-grants-nothing", outcome(post(msqid, "x")));
	must(msgctl(msqid, IPC_RMID, NULL));
	claim("IPC_EXCL-alone-creates-nothing", outcome(msgget(KEY, IPC_EXCL)));
	int anew = must(create());
	claim("the-same-key-leads-to-another-identifier-after-removal", (bool)(anew != msqid));
	must(msgctl(anew, IPC_RMID, NULL));

	/* Eight processes wait for the same moment, and create it at once; a hundred times. */
	int shmid = must(shmget(IPC_PRIVATE, 4096, 0600));
	atomic_int *board = must(shmat(shmid, NULL, 0));
	atomic_int *begun = &board[0], *first = &board[1], *too_late = &board[2], *others = &board[3];
	must(shmctl(shmid, IPC_RMID, NULL)); /* it goes with its last attachment, however this ends */
	for (int i = 0; i < RACERS; i++) {
		if (must(fork()) == 0) {
			for (int race = 1; race <= RACES; race++) {
				while (*begun != race)
					sched_yield();
				++*(create() != -1 ? first : errno == EEXIST ? too_late : others);
			}
			_exit(0);
		}
	}
	int creators = 1, refused = 7; /* unless one of the races gave another number */
	for (int race = 1; race <= RACES; race++) {
		*first = *too_late = *others = 0;
		*begun = race;
		while (*first + *too_late + *others < RACERS)
			sched_yield();
		if (*first != 1)
			creators = *first;
		if (*too_late != 7)
			refused = *too_late;
		must(msgctl(must(msgget(KEY, 0)), IPC_RMID, NULL));
	}
	while (wait(NULL) != -1)
		;
	claim("of-eight-with-IPC_EXCL-one-creates", creators);
	claim("the-seven-others-get-EEXIST", refused);
	return 0;
}
