/* Of all who create with O_CREAT and O_EXCL, exactly one succeeds. */
#include "../../c/claim.h"
#include "../../c/race.h"
#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>

#define NAME "/exclusive_sem"

static int value(sem_t *sem) {
	int value;
	must(sem_getvalue(sem, &value));
	return value;
}

static sem_t *opened(sem_t *sem) {
	if (sem == SEM_FAILED)
		die("sem_open");
	return sem;
}

static long create(void) {
	return sem_open(NAME, O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED ? -1 : 0;
}

int main(void) {
	sem_t *sem = opened(sem_open(NAME, O_CREAT | O_EXCL, 0600, 1));
	sem_t *again = sem_open(NAME, O_CREAT | O_EXCL, 0600, 1);
	claim("O_CREAT-with-O_EXCL-refuses-what-exists", outcome(again == SEM_FAILED ? -1 : 0));

	/* So it opens the one that is there. */
	again = opened(sem_open(NAME, 0));
	must(sem_wait(again));
	claim("whoever-comes-later-opens-the-same-semaphore", value(sem));
	must(sem_close(again));
	again = opened(sem_open(NAME, O_CREAT, 0600, 5));
	claim("O_CREAT-on-an-existing-semaphore-ignores-the-value", value(again));
	must(sem_close(again));
	again = opened(sem_open(NAME, O_EXCL));
	struct stat st;
	must(stat("/dev/shm/sem.exclusive_sem", &st));
	claim("O_EXCL-without-O_CREAT-opens-what-exists", st.st_nlink);
	must(sem_close(again));
	must(sem_close(sem));
	must(sem_unlink(NAME));
	again = sem_open(NAME, O_EXCL);
	claim("O_EXCL-without-O_CREAT-creates-nothing", outcome(again == SEM_FAILED ? -1 : 0));

	/* Eight processes wait for the same moment, and create it at once. */
	int succeed, too_late;
	race(create, &succeed, &too_late);
	claim("of-eight-at-once-exactly-one-creates-it", succeed);
	claim("the-other-seven-get-EEXIST", too_late);
	sem = opened(sem_open(NAME, 0));
	claim("what-they-raced-for-is-one-semaphore-of-value-1", value(sem));
	must(sem_close(sem));
	must(sem_unlink(NAME));
	return 0;
}
