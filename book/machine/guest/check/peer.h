/* What the files of `peer` share. */
#include <err.h>
#include <stddef.h>

/* Ends this program if a call has failed. */
#define must(call) ({ __typeof__(call) result = (call); if (result == (__typeof__(call))-1) err(1, "%s", #call); result; })

/* Prints a text as a line. */
void print(const char *text, size_t size);

void sleep_for_ever(void);

/* system_v.c */
void set(char **words);
void new_set(char **words);
void values(char **words);
void add(char **words);
void msgget_(char **words);
void replace(char **words);
void msgsnd_(char **words);
void msgrcv_(char **words);
void numbers(char **words);
void shmget_(char **words);
void attach(char **words);
void ftok_(char **words);
void remove_(char **words);
void rmid(char **words);
void clean(char **words);

/* descriptors.c */
void give(char **words);
void take(char **words);

/* activity.c */
void activity(char **words);
