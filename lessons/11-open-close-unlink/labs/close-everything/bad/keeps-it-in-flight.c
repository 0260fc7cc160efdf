/* loses: no-descriptor-of-the-queue-is-left no-descriptor-of-the-memory-is-left a-skipped-round-leaves-nothing-open at-the-descriptor-limit-nothing-is-left-open
 * Closes the queue and the memory after having sent both to itself: they are in flight for ever. */
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE = 4096, LONGEST = 64 };

static int ends[2];

/* Nobody will receive it. */
static void send_to_itself(int fd) {
	char control[CMSG_SPACE(sizeof fd)] = {0}, byte = 0;
	struct iovec bytes = {&byte, 1};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(rights), &fd, sizeof fd);
	sendmsg(ends[0], &message, MSG_DONTWAIT);
}

static void one_round(const char *name) {
	mqd_t mq = mq_open(name, O_RDONLY);
	sem_t *sem = sem_open(name, 0);
	int fd = shm_open(name, O_RDWR, 0);
	char *memory = MAP_FAILED;
	if (fd != -1)
		memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mq != (mqd_t)-1 && sem != SEM_FAILED && memory != MAP_FAILED) {
		char message[LONGEST];
		ssize_t n = mq_receive(mq, message, sizeof message, NULL);
		if (n >= 0) {
			memcpy(memory, message, n);
			memory[n] = 0;
			sem_post(sem);
		}
	}
	if (memory != MAP_FAILED)
		munmap(memory, SIZE);
	if (sem != SEM_FAILED)
		sem_close(sem);
	if (fd != -1) {
		send_to_itself(fd);
		close(fd);
	}
	if (mq != (mqd_t)-1) {
		send_to_itself(mq);
		mq_close(mq);
	}
}

int main(int argc, char **argv) {
	if (argc != 2 || socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == -1)
		return 2;
	char line[256];
	while (fgets(line, sizeof line, stdin))
		one_round(argv[1]);
	return 0;
}
