/* Processes that make the same call at the same moment, again and again. */
#ifndef RACE_H
#define RACE_H

#include "claim.h"
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RACERS 8
#define RACES 100 /* one race may be won by chance before the others have begun; not each of a hundred */

/* What all racers see: the number of the race, and how they fared in it. */
struct board {
	atomic_int race, created, too_late;
};

static inline void run_races(struct board *board, long (*create)(void)) {
	for (int race = 1; race <= RACES; race++) {
		while (board->race < race)
			sched_yield();
		if (create() != -1)
			board->created++;
		else if (errno == EEXIST)
			board->too_late++;
		else
			die("create");
	}
	_exit(0);
}

/* Has eight processes call `create`, which returns -1 on failure, at the same moment, a hundred times. After
 * each race but the last, `destroy` removes what they created. How many succeed in each race, and how many
 * get EEXIST; -1 if the races differ. */
static inline void race(long (*create)(void), void (*destroy)(void), int *succeed, int *too_late) {
	struct board *board = must(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	for (int i = 0; i < RACERS; i++)
		if (must(fork()) == 0)
			run_races(board, create);
	*succeed = 1;
	*too_late = RACERS - 1;
	for (int race = 1; race <= RACES; race++) {
		board->created = board->too_late = 0;
		board->race = race;
		while (board->created + board->too_late < RACERS)
			sched_yield();
		if (board->created != *succeed)
			*succeed = -1;
		if (board->too_late != *too_late)
			*too_late = -1;
		if (race < RACES)
			destroy();
	}
	while (wait(NULL) != -1)
		;
	must(munmap(board, 4096));
}

#endif
