/* What peer.c and descriptors.c share. */
#include <stddef.h>

/* Prints a text as a line. */
void print(const char *text, size_t size);

void give(char **words);
void take(char **words);
