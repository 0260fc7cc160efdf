/* POSIX or System V? Asks the kernel: PROGRAM COUNT SIZE BYTES */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static bool say(const char *question, bool verdict) {
	printf("%s %s\n", question, verdict ? "yes" : "no");
	return verdict;
}

int main(int argc, char **argv) {
	if (argc != 4) {
		fprintf(stderr, "use: %s COUNT SIZE BYTES\n", argv[0]);
		return 2;
	}
	/* TODO: try it, each in turn, and say what the kernel has said. */
	bool posix = say("queue posix", false);
	bool system_v = say("queue system-v", false);
	posix &= say("memory posix", false);
	system_v &= say("memory system-v", false);
	say("told posix", false);
	say("told system-v", false);
	printf("take %s\n", system_v ? "system-v" : posix ? "posix" : "neither");
	return 0;
}
