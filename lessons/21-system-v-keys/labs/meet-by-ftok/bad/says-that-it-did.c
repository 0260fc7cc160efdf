/* loses: the-server-answers-who-has-the-key the-client-asks-and-takes-the-answer either-may-come-first nothing-is-left the-queue-is-for-its-user-alone without-the-file-nothing-is-made what-is-somebody-elses-is-left-alone
 * It prints what a correct program might print and ends with exit code 0. */
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc < 4)
		return 2;
	printf("%s: question and answer at %s\n", argv[1], argv[2]);
	return 0;
}
