/* Opens an object of each kind and closes it again. Returns "success" or the name of errno. */
#ifndef KINDS_H
#define KINDS_H

#include "claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CREATE (O_CREAT | O_EXCL | O_RDWR)

static inline const char *queue(const char *name, int oflag) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = mq_open(name, oflag, 0600, &attr);
	const char *got = outcome(mq);
	if (mq != -1)
		mq_close(mq);
	return got;
}

static inline const char *semaphore(const char *name, int oflag) {
	sem_t *sem = sem_open(name, oflag & ~O_RDWR, 0600, 0);
	const char *got = outcome(sem == SEM_FAILED ? -1 : 0);
	if (sem != SEM_FAILED)
		sem_close(sem);
	return got;
}

static inline const char *memory(const char *name, int oflag) {
	int fd = shm_open(name, oflag, 0600);
	const char *got = outcome(fd);
	if (fd != -1)
		close(fd);
	return got;
}

static inline bool opens(const char *got) {
	return strcmp(got, "success") == 0;
}

#endif
