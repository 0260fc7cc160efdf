/* Plays the other side of a lab's program, where a shell cannot do it:
 *
 *   peer queue NAME MAXMSG MSGSIZE [TEXT...]   creates a POSIX queue, and sends these
 *   peer send NAME PRIORITY TEXT...            sends these; waits for room
 *   peer receive NAME [COUNT]                  receives all messages, or this many; prints "PRIORITY TEXT" for each
 *   peer attributes NAME                       prints mq_maxmsg and mq_msgsize
 *   peer register NAME                         registers for a notification, and sleeps
 *   peer semaphore NAME VALUE                  creates a POSIX semaphore
 *   peer value NAME                            prints its value
 *   peer set KEY VALUE...                      creates a System V semaphore set, or gives it new values
 *   peer new-set KEY COUNT                     creates a set, and gives it no value
 *   peer values KEY                            prints the values of a set
 *   peer add KEY NUMBER DELTA                  one semop, which may wait
 *   peer msgget KEY [MODE]                     creates a System V queue
 *   peer replace KEY                           removes a System V queue, and creates another one at once
 *   peer msgsnd KEY TYPE TEXT                  sends a message, without waiting
 *   peer msgrcv KEY TYPE                       waits for a message, and prints "TYPE TEXT"
 *   peer numbers KEY [COUNT SUM]               prints, or first writes, the two 64-bit numbers in a System V segment
 *   peer shmget KEY BYTES                      creates a System V segment
 *   peer attach KEY                            attaches it, and sleeps
 *   peer map FILE                              maps a file, closes it, and sleeps
 *   peer ftok FILE ID                          prints the key
 *   peer remove KEY                            removes the System V queue, set and segment with this key
 *   peer take SOCKET                           listens; when SOCKET.go exists, receives bytes and descriptors: see descriptors.c
 *   peer give SOCKET COUNT [TEXT...]           listens; sends a byte with the descriptors of a queue and of pipes
 *   peer open FILE                             opens a file, and sleeps
 *   peer bare PROGRAM...                       runs a program that has no capabilities, like those that a grader runs
 *   peer rmid KIND ID                          removes a System V object by its identifier: q, s or m
 *   peer activity                              prints a number that stays while all other processes sleep: see activity.c
 *   peer clean                                 removes all System V objects
 *
 * A key is a number as strtoul reads it: 0x6c616231. A byte that is not printable is printed in octal. */
#define _GNU_SOURCE
#include "peer.h"
#include <ctype.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

void print(const char *text, size_t size) {
	for (size_t i = 0; i < size; i++)
		isprint((unsigned char)text[i]) ? (void)putchar(text[i]) : (void)printf("\\%03o", (unsigned char)text[i]);
	putchar('\n');
}

void sleep_for_ever(void) {
	for (;;)
		pause();
}

static void queue(char **words) {
	struct mq_attr attr = {.mq_maxmsg = atol(words[1]), .mq_msgsize = atol(words[2])};
	mqd_t mq = must(mq_open(words[0], O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	for (words += 3; *words; words++)
		must(mq_send(mq, *words, strlen(*words), 0));
}

static void send_(char **words) {
	mqd_t mq = must(mq_open(words[0], O_WRONLY));
	unsigned priority = atoi(words[1]);
	for (words += 2; *words; words++)
		must(mq_send(mq, *words, strlen(*words), priority));
}

static void receive(char **words) {
	mqd_t mq = must(mq_open(words[0], O_RDONLY | O_NONBLOCK));
	char text[16384];
	unsigned priority;
	ssize_t size;
	for (int left = words[1] ? atoi(words[1]) : -1; left && (size = mq_receive(mq, text, sizeof text, &priority)) >= 0; left--) {
		printf("%u ", priority);
		print(text, size);
	}
}

static void attributes(char **words) {
	struct mq_attr attr;
	must(mq_getattr(must(mq_open(words[0], O_RDONLY)), &attr));
	printf("%ld %ld\n", attr.mq_maxmsg, attr.mq_msgsize);
}

static void register_(char **words) {
	struct sigevent event = {.sigev_notify = SIGEV_NONE};
	must(mq_notify(must(mq_open(words[0], O_RDONLY)), &event));
	sleep_for_ever();
}

static void semaphore(char **words) {
	if (sem_open(words[0], O_CREAT | O_EXCL, 0600, atoi(words[1])) == SEM_FAILED)
		err(1, "sem_open");
}

static void value(char **words) {
	int now;
	sem_t *sem = sem_open(words[0], 0);
	if (sem == SEM_FAILED)
		err(1, "sem_open");
	must(sem_getvalue(sem, &now));
	printf("%d\n", now);
}

static void map(char **words) {
	int fd = must(open(words[0], O_RDWR));
	must(mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0));
	close(fd);
	sleep_for_ever();
}

static void open_(char **words) {
	must(open(words[0], O_RDONLY));
	sleep_for_ever();
}

static void bare(char **words) {
	for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++)
		;
	execv(words[0], words);
	err(127, "%s", words[0]);
}

static const struct {
	const char *name;
	int words; /* the fewest words that follow it */
	void (*plays)(char **words);
} all[] = {
	{"queue", 3, queue}, {"send", 3, send_}, {"receive", 1, receive}, {"attributes", 1, attributes}, {"register", 1, register_},
	{"semaphore", 2, semaphore}, {"value", 1, value}, {"set", 2, set}, {"new-set", 2, new_set}, {"values", 1, values}, {"add", 3, add},
	{"msgget", 1, msgget_}, {"replace", 1, replace}, {"msgsnd", 3, msgsnd_}, {"msgrcv", 2, msgrcv_}, {"numbers", 1, numbers},
	{"shmget", 2, shmget_}, {"attach", 1, attach}, {"map", 1, map}, {"ftok", 2, ftok_}, {"remove", 1, remove_},
	{"open", 1, open_}, {"bare", 1, bare}, {"rmid", 2, rmid}, {"activity", 0, activity}, {"clean", 0, clean}, {"give", 2, give}, {"take", 1, take},
};

int main(int argc, char **argv) {
	for (size_t i = 0; argc > 1 && i < sizeof all / sizeof *all; i++)
		if (strcmp(all[i].name, argv[1]) == 0 && argc - 2 >= all[i].words) {
			all[i].plays(argv + 2);
			return 0;
		}
	errx(2, "no such command, or too few words; the comment at the top of peer.c lists the commands");
}
