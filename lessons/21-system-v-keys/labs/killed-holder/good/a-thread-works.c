/* A thread goes through the sections, and the first one only waits for it. SEM_UNDO is the process's: POSIX
 * threads of one process share it. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>

static int set, sections;

static void *work(void *unused) {
	(void)unused;
	for (int section = 0; section < sections; section++) {
		struct sembuf take = {0, -1, SEM_UNDO};
		while (semop(set, &take, 1) == -1)
			if (errno != EINTR)
				return (void *)3;
		sched_yield(); /* the work */
		struct sembuf count_and_give[] = {{0, 1, SEM_UNDO}, {1, 1, 0}};
		while (semop(set, count_and_give, 2) == -1)
			if (errno != EINTR)
				return (void *)3;
	}
	return NULL;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	sections = atoi(argv[2]);
	set = semget(strtoul(argv[1], NULL, 16), 2, 0);
	if (set == -1)
		return 3;
	pthread_t thread;
	void *result = (void *)1;
	if (pthread_create(&thread, NULL, work, NULL) != 0 || pthread_join(thread, &result) != 0)
		return 1;
	return (intptr_t)result;
}
