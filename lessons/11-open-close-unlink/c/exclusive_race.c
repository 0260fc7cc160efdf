/* Of all who create with O_CREAT and O_EXCL at the same time, exactly one succeeds. */
#include "../../c/claim.h"
#include <fcntl.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "/exclusive_race"
#define RACERS 8
#define RACES 100

/* What all processes see: the number of the race, and how they fared in it. */
static struct board {
	atomic_int race, created, too_late;
} *board;

static void racer(void) {
	for (int race = 1; race <= RACES; race++) {
		while (board->race < race)
			sched_yield();
		sem_t *sem = sem_open(NAME, O_CREAT | O_EXCL, 0600, 1);
		if (sem != SEM_FAILED) {
			sem_close(sem);
			board->created++;
		} else if (errno == EEXIST) {
			board->too_late++;
		} else {
			die("sem_open");
		}
	}
	_exit(0);
}

/* The number that all races have in common. */
static const char *in_each_race(const int counts[RACES]) {
	static char text[16];
	for (int i = 1; i < RACES; i++)
		if (counts[i] != counts[0])
			return "different numbers";
	snprintf(text, sizeof text, "%d", counts[0]);
	return text;
}

int main(void) {
	int created[RACES], too_late[RACES], value;
	board = must(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	for (int i = 0; i < RACERS; i++)
		if (must(fork()) == 0)
			racer();
	for (int i = 0; i < RACES; i++) {
		board->created = board->too_late = 0;
		board->race = i + 1;
		while (board->created + board->too_late < RACERS)
			sched_yield();
		created[i] = board->created;
		too_late[i] = board->too_late;
		if (i < RACES - 1)
			must(sem_unlink(NAME));
	}
	while (wait(NULL) != -1)
		;
	claim("of-eight-at-once-exactly-one-creates-it", in_each_race(created));
	claim("the-other-seven-get-EEXIST", in_each_race(too_late));
	sem_t *sem = sem_open(NAME, 0);
	if (sem == SEM_FAILED)
		die("sem_open");
	must(sem_getvalue(sem, &value));
	claim("what-they-raced-for-is-one-semaphore-of-value-1", value);
	must(sem_close(sem));
	must(sem_unlink(NAME));
	return 0;
}
