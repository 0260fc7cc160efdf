/* O_CREAT with O_EXCL creates a semaphore or fails; O_CREAT alone also opens an existing one. */
#include "../../c/claim.h"
#include <fcntl.h>
#include <semaphore.h>

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

int main(void) {
	sem_t *sem = opened(sem_open(NAME, O_CREAT | O_EXCL, 0600, 1));
	sem_t *again = sem_open(NAME, O_CREAT | O_EXCL, 0600, 1);
	claim("O_CREAT-with-O_EXCL-fails-if-the-semaphore-exists", outcome(again == SEM_FAILED ? -1 : 0));

	/* Open the existing semaphore, without O_CREAT. */
	again = opened(sem_open(NAME, 0));
	must(sem_wait(again));
	claim("a-later-sem_open-opens-the-same-semaphore", value(sem));
	must(sem_close(again));
	again = opened(sem_open(NAME, O_CREAT, 0600, 5));
	claim("O_CREAT-on-an-existing-semaphore-ignores-the-value", value(again));
	must(sem_close(again));
	again = opened(sem_open(NAME, O_EXCL));
	must(sem_post(again));
	claim("O_EXCL-without-O_CREAT-opens-an-existing-semaphore", value(sem));
	must(sem_close(again));
	must(sem_close(sem));
	must(sem_unlink(NAME));
	again = sem_open(NAME, O_EXCL);
	claim("O_EXCL-without-O_CREAT-creates-nothing", outcome(again == SEM_FAILED ? -1 : 0));
	return 0;
}
