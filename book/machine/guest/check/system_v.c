/* The side of `peer` for System V objects. A key is a number as strtoul reads it. */
#define _GNU_SOURCE
#include "peer.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/types.h>

static struct message {
	long type;
	char text[16384];
} message;

static key_t key(char **words) {
	return strtoul(words[0], NULL, 0);
}

void set(char **words) {
	int count = 0;
	while (words[1 + count])
		count++;
	int id = must(semget(key(words), count, IPC_CREAT | 0600));
	for (int i = 0; i < count; i++)
		must(semctl(id, i, SETVAL, atoi(words[1 + i])));
}

void new_set(char **words) {
	must(semget(key(words), atoi(words[1]), IPC_CREAT | IPC_EXCL | 0600));
}

void values(char **words) {
	struct semid_ds about;
	unsigned short all[32000];
	int id = must(semget(key(words), 0, 0));
	must(semctl(id, 0, IPC_STAT, &about));
	must(semctl(id, 0, GETALL, all));
	for (size_t i = 0; i < about.sem_nsems; i++)
		printf("%s%d", i ? " " : "", all[i]);
	putchar('\n');
}

void add(char **words) {
	struct sembuf operation = {.sem_num = atoi(words[1]), .sem_op = atoi(words[2])};
	must(semop(must(semget(key(words), 0, 0)), &operation, 1));
}

void msgget_(char **words) {
	must(msgget(key(words), IPC_CREAT | IPC_EXCL | (words[1] ? strtoul(words[1], NULL, 8) : 0600)));
}

void replace(char **words) {
	must(msgctl(must(msgget(key(words), 0)), IPC_RMID, NULL));
	must(msgget(key(words), IPC_CREAT | IPC_EXCL | 0600));
}

void msgsnd_(char **words) {
	message.type = atol(words[1]);
	strncpy(message.text, words[2], sizeof message.text - 1);
	must(msgsnd(must(msgget(key(words), 0)), &message, strlen(message.text), IPC_NOWAIT));
}

void msgrcv_(char **words) {
	ssize_t size = must(msgrcv(must(msgget(key(words), 0)), &message, sizeof message.text, atol(words[1]), 0));
	printf("%ld ", message.type);
	print(message.text, size);
}

void numbers(char **words) {
	uint64_t *two = must(shmat(must(shmget(key(words), 0, 0)), NULL, 0));
	if (words[1]) {
		two[0] = strtoull(words[1], NULL, 10);
		two[1] = strtoull(words[2], NULL, 10);
	}
	printf("%llu %llu\n", (unsigned long long)two[0], (unsigned long long)two[1]);
}

void shmget_(char **words) {
	must(shmget(key(words), atol(words[1]), IPC_CREAT | IPC_EXCL | 0600));
}

void attach(char **words) {
	must(shmat(must(shmget(key(words), 0, 0)), NULL, 0));
	sleep_for_ever();
}

void ftok_(char **words) {
	printf("%d\n", must(ftok(words[0], atoi(words[1]))));
}

void remove_(char **words) {
	int id;
	if ((id = msgget(key(words), 0)) != -1)
		must(msgctl(id, IPC_RMID, NULL));
	if ((id = semget(key(words), 0, 0)) != -1)
		must(semctl(id, 0, IPC_RMID));
	if ((id = shmget(key(words), 0, 0)) != -1)
		must(shmctl(id, IPC_RMID, NULL));
}

static int rmid_of(char kind, int id) {
	return kind == 'q' ? msgctl(id, IPC_RMID, NULL) : kind == 's' ? semctl(id, 0, IPC_RMID) : shmctl(id, IPC_RMID, NULL);
}

void rmid(char **words) {
	must(rmid_of(words[0][0], atoi(words[1])));
}

void clean(char **words) {
	(void)words;
	static const char *tables[] = {"/proc/sysvipc/msg", "/proc/sysvipc/sem", "/proc/sysvipc/shm"};
	for (int kind = 0; kind < 3; kind++) {
		char line[1000];
		int id;
		FILE *all = fopen(tables[kind], "r");
		while (all && fgets(line, sizeof line, all))
			if (sscanf(line, "%*d %d", &id) == 1)
				rmid_of("qsm"[kind], id);
	}
}
