/* loses: queue-posix-is-tried-and-told-right queue-system-v-is-tried-and-told-right memory-posix-is-tried-and-told-right memory-system-v-is-tried-and-told-right the-old-queue-is-tried-and-told-right the-choice-follows nothing-is-left
 * It reads the limits and calculates: every answer is right, and nothing was tried. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

static long limit(const char *file) {
	long value = 0;
	FILE *f = fopen(file, "r");
	if (f == NULL || fscanf(f, "%ld", &value) != 1)
		exit(1);
	fclose(f);
	return value;
}

static bool say(const char *question, bool verdict) {
	printf("%s %s\n", question, verdict ? "yes" : "no");
	return verdict;
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	long count = atol(argv[1]), size = atol(argv[2]), bytes = atol(argv[3]);
	struct statvfs room;
	statvfs("/dev/shm", &room);
	bool posix = say("queue posix", count <= limit("/proc/sys/fs/mqueue/msg_max") &&
					    size <= limit("/proc/sys/fs/mqueue/msgsize_max"));
	bool system_v = say("queue system-v", size <= limit("/proc/sys/kernel/msgmax") &&
						  count * size <= limit("/proc/sys/kernel/msgmnb"));
	posix &= say("memory posix", bytes <= (long)(room.f_bfree * room.f_frsize));
	say("memory system-v", true);
	say("told posix", false);
	say("told system-v", true);
	printf("take %s\n", system_v ? "system-v" : posix ? "posix" : "neither");
	return 0;
}
