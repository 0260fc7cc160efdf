/* If several processes create an object at once with O_CREAT and O_EXCL, exactly one succeeds. */
#include "../../c/claim.h"
#include "../../c/race.h"
#include <fcntl.h>
#include <semaphore.h>

#define NAME "/exclusive_race"

static long create(void) {
	sem_t *sem = sem_open(NAME, O_CREAT | O_EXCL, 0600, 1);
	return sem == SEM_FAILED ? -1 : sem_close(sem);
}

static void destroy(void) {
	must(sem_unlink(NAME));
}

int main(void) {
	int created, too_late, value;
	race(create, destroy, &created, &too_late);
	claim("exactly-one-of-eight-simultaneous-calls-creates-the-semaphore", created);
	claim("the-other-seven-get-EEXIST", too_late);
	sem_t *sem = sem_open(NAME, 0);
	if (sem == SEM_FAILED)
		die("sem_open");
	must(sem_getvalue(sem, &value));
	claim("the-race-leaves-one-semaphore-with-value-1", value);
	must(sem_close(sem));
	destroy();
	return 0;
}
