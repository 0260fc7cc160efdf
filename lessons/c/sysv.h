/* The union that semctl needs, and short functions for semaphores and messages. */
#ifndef SYSV_H
#define SYSV_H

#include "claim.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

/* semctl(2): "This union must be defined by the calling program". */
union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

static inline int value(int semid, int semnum) {
	return must(semctl(semid, semnum, GETVAL));
}

/* Adds `amount`, which may be negative, to a semaphore. */
static inline int add(int semid, int semnum, int amount, int flags) {
	struct sembuf operation = {.sem_num = semnum, .sem_op = amount, .sem_flg = flags};
	return semop(semid, &operation, 1);
}

/* Sends a message of type 1. */
static inline int post(int msqid, const char *text) {
	struct {
		long mtype;
		char mtext[64];
	} message = {.mtype = 1};
	int length = snprintf(message.mtext, sizeof message.mtext, "%s", text);
	return msgsnd(msqid, &message, length, IPC_NOWAIT);
}

/* Receives the oldest message and returns its text, or the name of errno. */
static inline const char *take(int msqid, int flags) {
	static struct {
		long mtype;
		char mtext[64];
	} message;
	ssize_t length = msgrcv(msqid, &message, sizeof message.mtext - 1, 0, flags);
	if (length == -1)
		return outcome(-1);
	message.mtext[length] = '\0';
	return message.mtext;
}

#endif
