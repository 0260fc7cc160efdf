/* What the C programs of the lessons share: how a claim is made, and how a
 * program ends that cannot go on.
 *
 * A claim is printed: its identifier, which the lesson of the same name has too,
 * and what the kernel gave:
 *
 *     unlink-removes-the-name-at-once: ENOENT
 *
 * tests/lessons/c_twins.rs holds that against what the lesson got. */
#ifndef CLAIM_H
#define CLAIM_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* In <string.h> since glibc 2.32, but only for programs that ask for _GNU_SOURCE. */
const char *strerrorname_np(int errnum);

static inline void claim_text(const char *id, const char *got) {
	printf("%s: %s\n", id, got);
	fflush(stdout); /* before a fork would copy what is not written yet */
}

static inline void claim_number(const char *id, long got) {
	printf("%s: %ld\n", id, got);
	fflush(stdout);
}

static inline void claim_bool(const char *id, bool got) {
	claim_text(id, got ? "true" : "false");
}

/* What a message or memory holds, as the lesson shows it: "hello", of many bytes the first 32. */
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
}

/* In C a comparison is an int: say (bool)(a == b). */
#define claim(id, got)                                                                                       \
	_Generic((got), bool: claim_bool, char *: claim_text, const char *: claim_text, default: claim_number)(  \
		id, got)

/* What a call that returns -1 on failure came to, as a word: success, or the
 * errno's name. */
static inline const char *outcome(long result) {
	return result == -1 ? strerrorname_np(errno) : "success";
}

/* What a program that ends here leaves behind, scripts/cleanup_ipc.sh finds. */
static inline void die(const char *call) {
	perror(call);
	exit(1);
}

/* The result of a call that must not fail. (sem_open is not for it: SEM_FAILED
 * is no -1.) */
#define must(call)                                                                                           \
	({                                                                                                       \
		__typeof__(call) result_ = (call);                                                                   \
		if ((long)result_ == -1)                                                                             \
			die(#call);                                                                                      \
		result_;                                                                                             \
	})

#endif
