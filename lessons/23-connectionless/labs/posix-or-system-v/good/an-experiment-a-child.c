/* Each experiment is made by a child, whose exit code is the verdict; a table has all of them. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

static long count, size, bytes;
static char name[40];
static key_t key;

static int posix_queue(void) {
	struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = size};
	mqd_t mq = mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 0;
	char *text = malloc(size);
	memset(text, 'j', size);
	int all = 1;
	for (long i = 0; i < count; i++)
		all &= mq_send(mq, text, size, i % 8) == 0;
	return mq_unlink(name) == 0 && all;
}

static int system_v_queue(void) {
	long *message = calloc(1, sizeof(long) + size);
	int queue = msgget(key, IPC_CREAT | IPC_EXCL | 0600), all = 1;
	for (long i = 0; i < count; i++) {
		message[0] = i + 1;
		if (msgsnd(queue, message, size, IPC_NOWAIT) == -1)
			all = 0;
	}
	return msgctl(queue, IPC_RMID, NULL) == 0 && all;
}

static int posix_memory(void) {
	int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	int error = posix_fallocate(fd, 0, bytes);
	shm_unlink(name);
	return error == 0;
}

static int system_v_memory(void) {
	int segment = shmget(key, bytes, IPC_CREAT | IPC_EXCL | 0600);
	if (segment == -1)
		return 0;
	char *memory = shmat(segment, NULL, 0);
	int all = memory != (void *)-1;
	if (all)
		memset(memory, 7, bytes);
	shmctl(segment, IPC_RMID, NULL);
	return all;
}

static int posix_tells(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 2};
	mqd_t old = mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	mq_unlink(name);
	mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	int told = mq_send(old, "x", 1, 0) == -1;
	mq_unlink(name);
	return told;
}

static int system_v_tells(void) {
	struct {
		long mtype;
		char mtext[1];
	} message = {1, "x"};
	int old = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
	msgctl(old, IPC_RMID, NULL);
	int new = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
	int told = msgsnd(old, &message, 1, IPC_NOWAIT) == -1;
	msgctl(new, IPC_RMID, NULL);
	return told;
}

int main(int argc, char **argv) {
	static const struct {
		const char *question;
		int (*experiment)(void);
	} all[] = {
	    {"queue posix", posix_queue},   {"queue system-v", system_v_queue}, {"memory posix", posix_memory},
	    {"memory system-v", system_v_memory}, {"told posix", posix_tells},  {"told system-v", system_v_tells},
	};
	int yes[6];
	if (argc != 4)
		return 2;
	count = atol(argv[1]);
	size = atol(argv[2]);
	bytes = atol(argv[3]);
	for (int i = 0; i < 6; i++) {
		snprintf(name, sizeof name, "/experiment-%d", i);
		key = 0x1000 + i;
		pid_t child = fork();
		if (child == 0)
			_exit(all[i].experiment());
		int status;
		waitpid(child, &status, 0);
		yes[i] = WIFEXITED(status) && WEXITSTATUS(status) == 1;
		printf("%s %s\n", all[i].question, yes[i] ? "yes" : "no");
		fflush(stdout);
	}
	int posix = yes[0] && yes[2], system_v = yes[1] && yes[3];
	printf("take %s\n", posix && system_v ? (yes[5] ? "system-v" : "posix") : posix ? "posix" : system_v ? "system-v" : "neither");
	return 0;
}
