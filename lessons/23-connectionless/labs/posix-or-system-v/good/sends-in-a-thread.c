/* A thread for each family, which makes its three experiments; the first thread joins both and prints. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <unistd.h>

static size_t count, size, bytes;

struct family {
	const char *name;
	int queue, memory, told;
};

static mqd_t new_queue(long messages, long length) {
	struct mq_attr attr = {.mq_maxmsg = messages, .mq_msgsize = length};
	return mq_open("/threads", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
}

static void *posix(void *argument) {
	struct family *family = argument;
	char *text = calloc(size, 1);
	mqd_t mq = new_queue(count, size);
	if (mq != (mqd_t)-1) {
		size_t sent = 0;
		while (sent < count && mq_send(mq, text, size, 0) == 0)
			sent++;
		family->queue = sent == count;
		mq_unlink("/threads");
		mq_close(mq);
	}
	int fd = shm_open("/threads", O_CREAT | O_EXCL | O_RDWR, 0600);
	family->memory = fd != -1 && posix_fallocate(fd, 0, bytes) == 0;
	shm_unlink("/threads");
	close(fd);
	mqd_t old = new_queue(1, 16);
	mq_unlink("/threads");
	mqd_t new = new_queue(1, 16);
	family->told = mq_send(old, "hello", 5, 0) == -1;
	mq_unlink("/threads");
	mq_close(old);
	mq_close(new);
	return NULL;
}

static void *system_v(void *argument) {
	struct family *family = argument;
	struct {
		long mtype;
		char mtext[];
	} *message = calloc(1, sizeof(long) + size + 1);
	message->mtype = 9;
	int queue = msgget(99, IPC_CREAT | IPC_EXCL | 0600);
	size_t sent = 0;
	while (sent < count && msgsnd(queue, message, size, IPC_NOWAIT) == 0)
		sent++;
	family->queue = sent == count;
	msgctl(queue, IPC_RMID, NULL);
	int segment = shmget(99, bytes, IPC_CREAT | IPC_EXCL | 0600);
	if (segment != -1) {
		char *memory = shmat(segment, NULL, 0);
		if (memory != (char *)-1) {
			memset(memory, 1, bytes);
			family->memory = 1;
		}
		shmctl(segment, IPC_RMID, NULL);
	}
	int old = msgget(99, IPC_CREAT | IPC_EXCL | 0600);
	msgctl(old, IPC_RMID, NULL);
	int new = msgget(99, IPC_CREAT | IPC_EXCL | 0600);
	family->told = msgsnd(old, message, 1, IPC_NOWAIT) == -1;
	msgctl(new, IPC_RMID, NULL);
	return NULL;
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	count = strtoul(argv[1], NULL, 10);
	size = strtoul(argv[2], NULL, 10);
	bytes = strtoul(argv[3], NULL, 10);
	struct family families[2] = {{"posix", 0, 0, 0}, {"system-v", 0, 0, 0}};
	pthread_t threads[2];
	pthread_create(&threads[0], NULL, posix, &families[0]);
	pthread_create(&threads[1], NULL, system_v, &families[1]);
	const struct family *taken = NULL;
	for (int i = 0; i < 2; i++) {
		struct family *family = &families[i];
		pthread_join(threads[i], NULL);
		printf("queue %s %s\n", family->name, family->queue ? "yes" : "no");
		printf("memory %s %s\n", family->name, family->memory ? "yes" : "no");
		printf("told %s %s\n", family->name, family->told ? "yes" : "no");
		if (family->queue && family->memory && (taken == NULL || family->told))
			taken = family;
	}
	printf("take %s\n", taken == NULL ? "neither" : taken->name);
	return 0;
}
