/* ftruncate, mmap and a touch of each page: where there is no room, a handler of SIGBUS jumps out; the queues are filled by mq_timedsend with a time that is over. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <time.h>
#include <unistd.h>

static sigjmp_buf no_room;

static void on_sigbus(int signal) {
	(void)signal;
	siglongjmp(no_room, 1);
}

static mqd_t make(long count, long size) {
	struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = size};
	return mq_open("/burst", O_CREAT | O_EXCL | O_WRONLY, 0600, &attr);
}

static int posix_queue(long count, long size, const char *text) {
	const struct timespec past = {0};
	mqd_t mq = make(count, size);
	if (mq == (mqd_t)-1)
		return 0;
	long sent = 0;
	while (sent < count && mq_timedsend(mq, text, size, 0, &past) == 0)
		sent++;
	mq_unlink("/burst");
	mq_close(mq);
	return sent == count;
}

static int system_v_queue(long count, long size) {
	struct msgbuf *message = calloc(1, sizeof(long) + size);
	message->mtype = 1;
	int queue = msgget(ftok("/", 'q'), IPC_CREAT | 0600), all = queue != -1;
	while (all && count-- > 0)
		all = msgsnd(queue, message, size, IPC_NOWAIT) == 0;
	msgctl(queue, IPC_RMID, NULL);
	free(message);
	return all;
}

static int posix_memory(long bytes) {
	int fd = shm_open("/data", O_CREAT | O_EXCL | O_RDWR, 0600);
	volatile int all = 0;
	if (fd == -1)
		return 0;
	if (ftruncate(fd, bytes) == 0) {
		volatile char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		signal(SIGBUS, on_sigbus);
		if (memory != MAP_FAILED && sigsetjmp(no_room, 1) == 0) {
			for (long i = 0; i < bytes; i++)
				memory[i] = 1;
			all = 1;
		}
	}
	shm_unlink("/data");
	close(fd);
	return all;
}

static int system_v_memory(long bytes) {
	int segment = shmget(ftok("/", 'm'), bytes, IPC_CREAT | 0600);
	if (segment == -1)
		return 0;
	char *memory = shmat(segment, NULL, 0);
	if (memory != (char *)-1)
		for (long i = 0; i < bytes; i++)
			memory[i] = 'x';
	shmctl(segment, IPC_RMID, NULL);
	return memory != (char *)-1;
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	long count = atol(argv[1]), size = atol(argv[2]), bytes = atol(argv[3]);
	char *text = calloc(1, size + 1);
	const char *words[] = {"no", "yes"};
	int queues[2] = {posix_queue(count, size, text), system_v_queue(count, size)};
	int memory[2] = {posix_memory(bytes), system_v_memory(bytes)};
	/* Told: of POSIX by whatever the send says. */
	mqd_t old = make(1, 1);
	mq_unlink("/burst");
	mqd_t new = make(1, 1);
	int told[2] = {mq_timedsend(old, "", 1, 0, &(struct timespec){0}) == -1, 0};
	mq_unlink("/burst");
	mq_close(old);
	mq_close(new);
	struct msgbuf *message = calloc(1, sizeof *message);
	message->mtype = 1;
	int first = msgget(0x77, IPC_CREAT | IPC_EXCL | 0600);
	msgctl(first, IPC_RMID, NULL);
	int second = msgget(0x77, IPC_CREAT | IPC_EXCL | 0600);
	told[1] = msgsnd(first, message, 1, IPC_NOWAIT) == -1;
	msgctl(second, IPC_RMID, NULL);
	const char *families[] = {"posix", "system-v"};
	for (int i = 0; i < 2; i++)
		printf("queue %s %s\n", families[i], words[queues[i]]);
	for (int i = 0; i < 2; i++)
		printf("memory %s %s\n", families[i], words[memory[i]]);
	for (int i = 0; i < 2; i++)
		printf("told %s %s\n", families[i], words[told[i]]);
	int can[2] = {queues[0] && memory[0], queues[1] && memory[1]};
	if (!can[0] && !can[1])
		puts("take neither");
	else if (can[0] && can[1])
		printf("take %s\n", told[1] ? "system-v" : "posix");
	else
		printf("take %s\n", families[can[1]]);
	return 0;
}
