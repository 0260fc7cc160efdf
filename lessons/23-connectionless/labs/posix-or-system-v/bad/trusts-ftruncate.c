/* loses: memory-posix-is-tried-and-told-right the-choice-follows
 * Takes the length that ftruncate promises for memory that is there. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <unistd.h>

#define NAME "/posix_or_system_v"
#define KEY 0x706f7376

struct message {
	long mtype;
	char text[];
};

static mqd_t new_queue(long count, long size) {
	struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = size};
	return mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
}

static bool posix_queue(long count, long size) {
	mqd_t mq = new_queue(count, size);
	if (mq == (mqd_t)-1)
		return false;
	char *text = calloc(1, size);
	bool all = true;
	for (long i = 0; i < count && all; i++)
		all = mq_send(mq, text, size, 0) == 0;
	free(text);
	mq_close(mq);
	mq_unlink(NAME);
	return all;
}

static bool system_v_queue(long count, long size) {
	int msqid = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
	if (msqid == -1)
		return false;
	struct message *message = calloc(1, sizeof *message + size);
	message->mtype = 1;
	bool all = true;
	for (long i = 0; i < count && all; i++)
		all = msgsnd(msqid, message, size, IPC_NOWAIT) == 0;
	free(message);
	msgctl(msqid, IPC_RMID, NULL);
	return all;
}

static bool posix_memory(long bytes) {
	int fd = shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd == -1)
		return false;
	bool all = ftruncate(fd, bytes) == 0;
	close(fd);
	shm_unlink(NAME);
	return all;
}

static bool system_v_memory(long bytes) {
	int shmid = shmget(KEY, bytes, IPC_CREAT | IPC_EXCL | 0600);
	if (shmid == -1)
		return false;
	void *memory = shmat(shmid, NULL, 0);
	if (memory != (void *)-1) {
		memset(memory, 1, bytes);
		shmdt(memory);
	}
	shmctl(shmid, IPC_RMID, NULL);
	return memory != (void *)-1;
}

static bool posix_tells(void) {
	mqd_t old = new_queue(1, 1);
	mq_unlink(NAME);
	mqd_t new = new_queue(1, 1);
	bool told = mq_send(old, "", 1, 0) == -1;
	mq_close(old);
	mq_close(new);
	mq_unlink(NAME);
	return told;
}

static bool system_v_tells(void) {
	struct message message = {.mtype = 1};
	int old = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
	msgctl(old, IPC_RMID, NULL);
	int new = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
	bool told = msgsnd(old, &message, 0, IPC_NOWAIT) == -1 && (errno == EINVAL || errno == EIDRM);
	msgctl(new, IPC_RMID, NULL);
	return told;
}

static bool say(const char *question, bool verdict) {
	printf("%s %s\n", question, verdict ? "yes" : "no");
	return verdict;
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	long count = atol(argv[1]), size = atol(argv[2]), bytes = atol(argv[3]);
	bool posix = say("queue posix", posix_queue(count, size));
	bool system_v = say("queue system-v", system_v_queue(count, size));
	posix &= say("memory posix", posix_memory(bytes));
	system_v &= say("memory system-v", system_v_memory(bytes));
	bool tells = say("told posix", posix_tells());
	tells = say("told system-v", system_v_tells()) || !tells;
	printf("take %s\n", system_v && (tells || !posix) ? "system-v" : posix ? "posix" : "neither");
	return 0;
}
