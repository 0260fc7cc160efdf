/* Sets the clock of a machine that was started for it. */
#ifndef CLOCK_H
#define CLOCK_H

#include "claim.h"
#include <string.h>
#include <time.h>

#define PERMISSION "ipc-workbook-may-set-the-clock"

/* Only a machine that was started for it may have its clock set: all its programs share the clock. */
static inline bool clock_is_ours(void) {
	char line[4096] = "";
	FILE *cmdline = fopen("/proc/cmdline", "r");
	if (cmdline == NULL || fgets(line, sizeof line, cmdline) == NULL)
		return false;
	fclose(cmdline);
	for (char *word = strtok(line, " \n"); word != NULL; word = strtok(NULL, " \n"))
		if (strcmp(word, PERMISSION) == 0)
			return true;
	return false;
}

/* Sets the clock so many hours forward, or back if `hours` is negative. */
static inline void step_clock(int hours) {
	struct timespec now;
	must(clock_gettime(CLOCK_REALTIME, &now));
	now.tv_sec += hours * 3600;
	must(clock_settime(CLOCK_REALTIME, &now));
}

#endif
