/* Processes that make the same call at the same moment. */
#ifndef RACE_H
#define RACE_H

#include "claim.h"
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RACERS 8

/* Has eight processes call `create`, which returns -1 on failure, at the same moment: how many
 * succeed, and how many get EEXIST. */
static inline void race(long (*create)(void), int *succeed, int *too_late) {
	atomic_int *board = must(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	atomic_int *gun = &board[0], *first = &board[1], *later = &board[2];
	for (int i = 0; i < RACERS; i++) {
		if (must(fork()) == 0) {
			while (*gun == 0)
				sched_yield();
			if (create() != -1)
				++*first;
			else if (errno == EEXIST)
				++*later;
			_exit(0);
		}
	}
	*gun = 1;
	while (wait(NULL) != -1)
		;
	*succeed = *first;
	*too_late = *later;
	must(munmap(board, 4096));
}

#endif
