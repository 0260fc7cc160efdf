/* Creates and removes System V objects without a key. Only their identifier leads to them. */
#ifndef PRIVATE_H
#define PRIVATE_H

#include "claim.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

static inline int queue(void) {
	return msgget(IPC_PRIVATE, 0600);
}
static inline int set(int nsems) {
	return semget(IPC_PRIVATE, nsems, 0600);
}
static inline int segment(size_t size) {
	return shmget(IPC_PRIVATE, size, 0600);
}
static inline int remove_queue(int msqid) {
	return must(msgctl(msqid, IPC_RMID, NULL));
}
static inline int remove_set(int semid) {
	return must(semctl(semid, 0, IPC_RMID));
}
static inline int remove_segment(int shmid) {
	return must(shmctl(shmid, IPC_RMID, NULL));
}

#endif
