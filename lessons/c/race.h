/* Makes several processes call the same function at the same moment, again and again. */
#ifndef RACE_H
#define RACE_H

#include "claim.h"
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RACERS 8
#define RACES 100 /* one process may win one race because the others start late, but not a hundred */

/* Shared by all processes: the number of the race, and its results so far. */
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

/* Lets eight processes call `create` at the same moment, a hundred times. It returns -1 on failure. After each
 * race except the last, `destroy` removes what they created. Stores how many calls succeed in each race, and
 * how many fail with EEXIST; or -1 if the races differ. */
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
