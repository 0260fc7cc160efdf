/* loses: each-request-is-answered a-stale-identifier-is-noticed removed-while-it-waits-it-asks-again a-lost-answer-is-asked-for-with-the-same-number while-there-is-no-queue-it-pauses when-no-queue-comes-it-gives-up EINTR-is-no-restart an-old-answer-is-not-taken-for-the-new-one a-mistake-of-its-own-ends-it answered-whenever-the-server-restarts
 * It prints what a correct client might print and ends with exit code 0. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	for (int number = 1; number <= atoi(argv[2]); number++)
		printf("request %d: answered\n", number);
	return 0;
}
