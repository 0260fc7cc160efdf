/* loses: the-next-run-finishes-what-a-killed-one-began two-at-once-do-the-work-once nothing-else-is-left
 * It uses a named semaphore as a lock, which nobody releases for a killed process; a process killed inside
 * sem_open also leaves a temporary file. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <semaphore.h>

static int send_from(mqd_t mq, long first, long count) {
	for (long order = first; order <= count; order++) {
		char text[16];
		snprintf(text, sizeof text, "%ld", order);
		if (mq_send(mq, text, strlen(text), 0) == -1)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	long count = strtol(argv[2], NULL, 10);
	sem_t *lock = sem_open("/lab_lock", O_CREAT, 0600, 1);
	if (lock == SEM_FAILED || sem_trywait(lock) == -1)
		return 3;
	struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = 16};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1 || mq_getattr(mq, &attr) == -1)
		return 1;
	int failed = send_from(mq, attr.mq_curmsgs + 1, count);
	sem_unlink("/lab_lock");
	sem_post(lock);
	return failed;
}
