/* Lets two processes take turns. Each has one end of a socket pair. A process sends a
 * word to the other one, and then waits for a word from it. */
#ifndef TURNS_H
#define TURNS_H

#include "claim.h"
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void tell(int end, const char *word) {
	char record[64] = "";
	snprintf(record, sizeof record, "%s", word);
	must(send(end, record, sizeof record, MSG_NOSIGNAL));
}

/* Waits for a word and returns it. The next call overwrites it. */
static inline const char *hear(int end) {
	static char record[64];
	if (must(recv(end, record, sizeof record, MSG_WAITALL)) != sizeof record) {
		fprintf(stderr, "the other process has ended\n");
		exit(1);
	}
	return record;
}

/* Forks a child that runs `play` with its end of a socket pair and exits. Returns the parent's end. */
static inline int begin(void (*play)(int end), pid_t *pid) {
	int ends[2];
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	if ((*pid = must(fork())) == 0) {
		close(ends[0]);
		play(ends[1]);
		exit(0);
	}
	close(ends[1]);
	return ends[0];
}

/* Waits for the child. Ends the program if the child's exit status is not 0. */
static inline void finish(pid_t pid) {
	int status;
	must(waitpid(pid, &status, 0));
	if (status != 0) {
		fprintf(stderr, "the child ended with status %#x\n", status);
		exit(1);
	}
}

/* Runs `play` in a child without turns, and waits for its end. */
static inline void in_a_child(void (*play)(int end)) {
	pid_t pid;
	int end = begin(play, &pid);
	finish(pid);
	close(end);
}

static inline void kill_and_reap(pid_t pid) {
	must(kill(pid, SIGKILL));
	must(waitpid(pid, NULL, 0));
}

/* Waits until the process sleeps in the call that it was about to make. */
static inline void until_asleep(pid_t pid) {
	char path[64], state = 'R';
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	while (state != 'S') {
		FILE *stat = fopen(path, "r");
		if (stat == NULL)
			die(path);
		if (fscanf(stat, "%*d %*s %c", &state) != 1)
			die(path);
		fclose(stat);
		usleep(1000);
	}
}

/* Waits until the process sleeps in the system call with this number, such as SYS_mq_timedreceive. After
 * `tell`, the process may still sleep in `hear`. */
static inline void until_asleep_in(pid_t pid, long number) {
	char path[64], text[16] = "";
	snprintf(path, sizeof path, "/proc/%d/syscall", pid);
	do {
		FILE *call = fopen(path, "r");
		if (call == NULL || fgets(text, sizeof text, call) == NULL)
			die(path);
		fclose(call);
		usleep(1000);
	} while (strtol(text, NULL, 10) != number); /* "running" while it does not sleep, and "-1" in a fault */
}

#endif
