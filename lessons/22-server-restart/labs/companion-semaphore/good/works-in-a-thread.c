/* A thread makes the updates and the removal; the first thread only starts it and joins it. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <sys/shm.h>

static key_t shmkey, semkey;
static long updates;

static int operate(int semid, struct sembuf *operations, size_t n) {
	int result;
	do
		result = semop(semid, operations, n);
	while (result == -1 && errno == EINTR);
	return result;
}

static void *work(void *unused) {
	(void)unused;
	struct sembuf ready[] = {{1, 0, IPC_NOWAIT}, {1, 1, 0}, {0, 1, 0}};
	struct sembuf take = {0, -1, SEM_UNDO}, give = {0, 1, SEM_UNDO};
	int semid = semget(semkey, 2, IPC_CREAT | 0600);
	if (semid == -1 || (operate(semid, ready, 3) == -1 && errno != EAGAIN))
		return (void *)3;
	if (operate(semid, &take, 1) == -1)
		return (void *)3;
	int shmid = shmget(shmkey, 16, IPC_CREAT | 0600);
	if (shmid == -1)
		return (void *)1;
	if (updates == 0) {
		shmctl(shmid, IPC_RMID, NULL);
		semctl(semid, 0, IPC_RMID);
		return NULL;
	}
	volatile uint64_t *numbers = shmat(shmid, NULL, 0);
	for (long i = 0; i < updates; i++) {
		if (i > 0 && operate(semid, &take, 1) == -1)
			return (void *)3;
		/* A half update of another is finished first. */
		uint64_t count = numbers[0];
		if (numbers[1] != count * (count + 1) / 2)
			numbers[1] = count * (count + 1) / 2;
		numbers[0] = count + 1;
		sched_yield();
		numbers[1] += numbers[0];
		if (operate(semid, &give, 1) == -1)
			return (void *)3;
	}
	return NULL;
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	shmkey = strtoul(argv[1], NULL, 16);
	semkey = strtoul(argv[2], NULL, 16);
	updates = atol(argv[3]);
	pthread_t thread;
	void *code;
	pthread_create(&thread, NULL, work, NULL);
	pthread_join(thread, &code);
	return (int)(long)code;
}
