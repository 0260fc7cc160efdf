/* loses: each-request-is-answered killed-at-any-call-the-next-one-serves a-full-queue-of-before-is-no-obstacle started-twice-at-once-one-serves there-is-never-a-second-queue interrupted-it-goes-on a-bad-request-does-no-harm without-requests-it-sleeps-in-msgrcv SIGTERM-takes-the-queue-with-it
 * It prints what a correct server might print and ends with exit code 0. */
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	printf("msgget(%s, IPC_CREAT|IPC_EXCL|0600) = 0\nanswered: WHO IS 2?\n", argv[1]);
	return 0;
}
