/* Behind the two numbers there is a journal: what the count was before an update, and whether one is under way. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

struct memory {
	volatile uint64_t count, sum;
	volatile uint64_t old_count, old_sum, under_way;
};

static void stop(const char *what) {
	int code = errno == EIDRM || errno == EINVAL ? 3 : 1;
	fprintf(stderr, "%s fails with errno %d\n", what, errno);
	exit(code);
}

static void lock(int semid) {
	for (;;) {
		struct sembuf take = {.sem_num = 0, .sem_op = -1, .sem_flg = SEM_UNDO};
		if (semop(semid, &take, 1) == 0)
			return;
		if (errno != EINTR)
			stop("semop");
	}
}

static void roll_back(struct memory *memory) {
	if (memory->under_way) {
		memory->sum = memory->old_sum;
		memory->count = memory->old_count;
		memory->under_way = 0;
	}
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	signal(SIGTERM, SIG_IGN);
	key_t shmkey = strtol(argv[1], NULL, 16), semkey = strtol(argv[2], NULL, 16);
	int semid = semget(semkey, 2, IPC_CREAT | 0600);
	if (semid == -1)
		stop("semget");
	struct sembuf ready[3] = {{1, 0, IPC_NOWAIT}, {1, 1, 0}, {0, 1, 0}};
	if (semop(semid, ready, 3) == -1 && errno != EAGAIN)
		stop("semop");
	int n = atoi(argv[3]);
	lock(semid);
	int shmid = shmget(shmkey, sizeof(struct memory), IPC_CREAT | 0600);
	if (shmid == -1)
		stop("shmget");
	if (n == 0) {
		if (shmctl(shmid, IPC_RMID, NULL) == -1 || semctl(semid, 0, IPC_RMID) == -1)
			stop("the removal");
		return 0;
	}
	struct memory *memory = shmat(shmid, NULL, 0);
	if (memory == (void *)-1)
		stop("shmat");
	for (;;) {
		roll_back(memory);
		memory->old_count = memory->count;
		memory->old_sum = memory->sum;
		memory->under_way = 1;
		memory->count = memory->count + 1;
		sched_yield();
		memory->sum = memory->sum + memory->count;
		memory->under_way = 0;
		struct sembuf give = {.sem_num = 0, .sem_op = 1, .sem_flg = SEM_UNDO};
		if (semop(semid, &give, 1) == -1)
			stop("semop");
		if (--n == 0)
			return 0;
		usleep(100);
		lock(semid);
	}
}
