/* A thread looks for the value and wakes the first one, which waits for it at a condition variable. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <unistd.h>

union semun {
	int val;
	struct semid_ds *buf;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static enum { UNKNOWN, READY, NEVER } state;
static int semid;

static void *look(void *unused) {
	int found = NEVER;
	for (int looks = 0; looks < 100 && found == NEVER; looks++) {
		struct semid_ds status;
		if (semctl(semid, 0, IPC_STAT, (union semun){.buf = &status}) == 0 && status.sem_otime != 0)
			found = READY;
		else
			usleep(10000);
	}
	pthread_mutex_lock(&lock);
	state = found;
	pthread_cond_signal(&told);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	key_t key = strtol(argv[1], NULL, 0);
	semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
	if (semid != -1) {
		struct sembuf open = {0, atoi(argv[2]), 0};
		if (semop(semid, &open, 1) == -1)
			return 3;
	} else {
		semid = semget(key, 1, 0);
		pthread_t thread;
		pthread_create(&thread, NULL, look, NULL);
		pthread_mutex_lock(&lock);
		while (state == UNKNOWN)
			pthread_cond_wait(&told, &lock);
		pthread_mutex_unlock(&lock);
		pthread_join(thread, NULL);
		if (state == NEVER)
			return 4;
	}
	struct sembuf sell = {0, -1, IPC_NOWAIT};
	return semop(semid, &sell, 1) == 0 ? 0 : 1;
}
