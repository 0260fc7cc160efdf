/* Fills POSIX shared memory by write(2): its ENOSPC is the experiment, and no call promises the whole length. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <unistd.h>

enum { QUEUE_KEY = 0x5150, MEMORY_KEY, TOLD_KEY };

static long count, size, bytes;
static char *message;

static int posix_queue(void) {
	struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = size ? size : 1};
	mqd_t mq = mq_open("/by-write", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 0;
	int all = 1;
	for (long sent = 0; all && sent < count; sent++)
		all = mq_send(mq, message, size, 0) == 0;
	mq_close(mq);
	mq_unlink("/by-write");
	return all;
}

static int system_v_queue(void) {
	int queue = msgget(QUEUE_KEY, IPC_CREAT | IPC_EXCL | 0600);
	if (queue == -1)
		return 0;
	int all = 1;
	*(long *)message = 1;
	for (long sent = 0; all && sent < count; sent++)
		all = msgsnd(queue, message, size, IPC_NOWAIT) == 0;
	msgctl(queue, IPC_RMID, NULL);
	return all;
}

static int posix_memory(void) {
	static const char zeros[65536];
	int fd = shm_open("/by-write", O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd == -1)
		return 0;
	long left = bytes;
	while (left > 0) {
		ssize_t written = write(fd, zeros, left < (long)sizeof zeros ? left : (long)sizeof zeros);
		if (written <= 0)
			break;
		left -= written;
	}
	close(fd);
	shm_unlink("/by-write");
	return left == 0;
}

static int system_v_memory(void) {
	int segment = shmget(MEMORY_KEY, bytes, IPC_CREAT | IPC_EXCL | 0600);
	if (segment == -1)
		return 0;
	char *memory = shmat(segment, NULL, 0);
	int all = memory != (char *)-1;
	if (all) {
		for (long at = 0; at < bytes; at += 4096)
			memory[at] = 1;
		shmdt(memory);
	}
	shmctl(segment, IPC_RMID, NULL);
	return all;
}

/* Whether a sender is told that its queue was replaced. */
static int posix_tells(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 8};
	mqd_t old = mq_open("/told", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	mq_unlink("/told");
	mqd_t new = mq_open("/told", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	int told = mq_send(old, "x", 1, 0) == -1;
	mq_close(old);
	mq_close(new);
	mq_unlink("/told");
	return told;
}

static int system_v_tells(void) {
	int old = msgget(TOLD_KEY, IPC_CREAT | IPC_EXCL | 0600);
	msgctl(old, IPC_RMID, NULL);
	int new = msgget(TOLD_KEY, IPC_CREAT | IPC_EXCL | 0600);
	*(long *)message = 1;
	int told = msgsnd(old, message, 1, IPC_NOWAIT) == -1;
	msgctl(new, IPC_RMID, NULL);
	return told;
}

static int say(const char *question, int yes) {
	printf("%s %s\n", question, yes ? "yes" : "no");
	return yes;
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	count = atol(argv[1]), size = atol(argv[2]), bytes = atol(argv[3]);
	message = calloc(1, sizeof(long) + size + 1);
	int posix = say("queue posix", posix_queue());
	int system_v = say("queue system-v", system_v_queue());
	posix &= say("memory posix", posix_memory());
	system_v &= say("memory system-v", system_v_memory());
	int posix_told = say("told posix", posix_tells());
	int system_v_told = say("told system-v", system_v_tells());
	int take_system_v = system_v && (!posix || system_v_told || !posix_told);
	printf("take %s\n", take_system_v ? "system-v" : posix ? "posix" : "neither");
	return 0;
}
