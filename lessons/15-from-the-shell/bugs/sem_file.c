/* Removes the semaphore that a crashed program has left, as you would in a shell. */
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
	sem_t *sem = sem_open("/bug_lock", O_CREAT | O_EXCL, 0600, 1);
	if (sem == SEM_FAILED)
		return 1;
	sem_close(sem);
	unlink("/dev/shm/bug_lock"); /* BUG */
	sem = sem_open("/bug_lock", 0);
	printf("the semaphore is %s\n", sem == SEM_FAILED ? "removed" : "still there");
	sem_unlink("/bug_lock");
	return 0;
}
