/* loses: the-message-comes-out-as-it-is it-waits-and-signals-do-not-end-that EINTR-leaves-the-deadline an-empty-queue-is-told each-refusal-has-its-exit-code any-other-failure-ends-with-1 the-queue-is-closed-on-every-way-out
 * It prints a message that it has not received. */
#include <stdio.h>

int main(int argc, char **argv) {
	printf("received from %s\n", argv[argc - 2]);
	return 0;
}
