/* What the files of `peer` share. */
#include <stddef.h>

/* Prints a text as a line. */
void print(const char *text, size_t size);

void activity(char **words);
void give(char **words);
void take(char **words);
