/* loses: who-waits-sleeps-in-semop
 * Looks a hundred times a second whether the semaphore is free. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

struct numbers {
	unsigned long count, sum;
};

static void must(int result) {
	if (result == -1)
		exit(errno == EIDRM || errno == EINVAL ? 3 : 1);
}

static int find_set(key_t key) {
	int semid = semget(key, 2, IPC_CREAT | 0600);
	must(semid);
	struct sembuf ready[] = {{1, 0, IPC_NOWAIT}, {1, 1, 0}, {0, 1, 0}};
	semop(semid, ready, 3);
	return semid;
}

static void take(int semid) {
	struct sembuf take = {0, -1, SEM_UNDO | IPC_NOWAIT};
	while (semop(semid, &take, 1) == -1)
		if (errno == EAGAIN)
			usleep(10000);
		else
			must(-1);
}

static void give(int semid) {
	struct sembuf give = {0, 1, SEM_UNDO};
	must(semop(semid, &give, 1));
}

static void update(volatile struct numbers *numbers) {
	numbers->sum = numbers->count * (numbers->count + 1) / 2;
	numbers->count++;
	sched_yield();
	numbers->sum += numbers->count;
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	int n = atoi(argv[3]);
	int semid = find_set(strtol(argv[2], NULL, 16));
	take(semid);
	int shmid = shmget(strtol(argv[1], NULL, 16), sizeof(struct numbers), IPC_CREAT | 0600);
	must(shmid);
	if (n == 0) {
		shmctl(shmid, IPC_RMID, NULL);
		semctl(semid, 0, IPC_RMID);
		return 0;
	}
	volatile struct numbers *numbers = shmat(shmid, NULL, 0);
	for (int i = 0; i < n; i++) {
		if (i > 0)
			take(semid);
		update(numbers);
		give(semid);
	}
	return 0;
}
