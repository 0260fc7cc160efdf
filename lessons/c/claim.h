/* What the C programs of the lessons share: making a claim, and ending a program
 * that cannot continue.
 *
 * A claim is a line of output. It has the identifier, which is the same as in the
 * lesson, and the result that the kernel gave:
 *
 *     unlink-removes-the-name-at-once: ENOENT
 *
 * tests/lessons/c_twins.rs compares the line with the result of the lesson. */
#ifndef CLAIM_H
#define CLAIM_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* glibc has it since 2.32. <string.h> declares it only if _GNU_SOURCE is defined. */
const char *strerrorname_np(int errnum);

/* With WAIT_AFTER_CLAIM=1 in the environment, a program waits for Enter after each claim, so that you can
 * look at its objects from a second terminal. Without a terminal it does not wait. */
static inline void wait_if_asked(void) {
	const char *asked = getenv("WAIT_AFTER_CLAIM");
	FILE *terminal = asked && *asked == '1' ? fopen("/dev/tty", "r+") : NULL;

	if (!terminal)
		return;
	fprintf(terminal, "  Press Enter to continue: ");
	fflush(terminal);
	for (int c = 0; c != '\n' && c != EOF;)
		c = fgetc(terminal);
	fclose(terminal);
}

static inline void claim_text(const char *id, const char *got) {
	printf("%s: %s\n", id, got);
	fflush(stdout); /* or a later fork would copy the unwritten buffer */
	wait_if_asked();
}

static inline void claim_number(const char *id, long got) {
	printf("%s: %ld\n", id, got);
	fflush(stdout);
	wait_if_asked();
}

static inline void claim_bool(const char *id, bool got) {
	claim_text(id, got ? "true" : "false");
}

/* Prints bytes of a message or of memory as the lesson does: in quotes, and at most the first 32. */
static inline void claim_bytes(const char *id, const void *bytes, size_t length) {
	const unsigned char *byte = bytes;

	printf("%s: \"", id);
	for (size_t i = 0; i < length && i < 32; i++) {
		if (byte[i] == 0)
			printf("\\0");
		else if (byte[i] == '\n')
			printf("\\n");
		else if (byte[i] == '"' || byte[i] == '\'' || byte[i] == '\\')
			printf("\\%c", byte[i]);
		else if (byte[i] < ' ' || byte[i] > '~')
			printf("\\x%02x", byte[i]);
		else
			putchar(byte[i]);
	}
	printf(length > 32 ? "\"...\n" : "\"\n");
	fflush(stdout);
	wait_if_asked();
}

/* Prints a claim by the type of `got`. A comparison has type int in C: write (bool)(a == b). */
#define claim(id, got)                                                                                       \
	_Generic((got), bool: claim_bool, char *: claim_text, const char *: claim_text, default: claim_number)(  \
		id, got)

/* Returns the result of a call as a word: the name of errno if `result` is -1,
 * otherwise "success". */
static inline const char *outcome(long result) {
	return result == -1 ? strerrorname_np(errno) : "success";
}

/* Prints the error and ends the program. scripts/cleanup_ipc.sh finds the objects that it leaves. */
static inline void die(const char *call) {
	perror(call);
	exit(1);
}

/* Returns the result of a call, and ends the program if it is -1. Do not use it for
 * sem_open, whose error value is SEM_FAILED and not -1. */
#define must(call)                                                                                           \
	({                                                                                                       \
		__typeof__(call) result_ = (call);                                                                   \
		if ((long)result_ == -1)                                                                             \
			die(#call);                                                                                      \
		result_;                                                                                             \
	})

#endif
