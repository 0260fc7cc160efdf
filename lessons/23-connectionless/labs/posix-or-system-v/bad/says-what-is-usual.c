/* loses: queue-posix-is-tried-and-told-right queue-system-v-is-tried-and-told-right memory-posix-is-tried-and-told-right memory-system-v-is-tried-and-told-right the-old-queue-is-tried-and-told-right the-choice-follows nothing-is-left
 * It prints what this kernel does with its usual limits. */
#include <stdio.h>

int main(void) {
	puts("queue posix yes\nqueue system-v yes\nmemory posix yes\nmemory system-v yes");
	puts("told posix no\ntold system-v yes\ntake system-v");
	return 0;
}
