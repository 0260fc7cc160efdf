/* loses: each-request-is-answered killed-at-any-call-the-next-one-serves a-full-queue-of-before-is-no-obstacle started-twice-at-once-one-serves there-is-never-a-second-queue interrupted-it-goes-on a-bad-request-does-no-harm without-requests-it-sleeps-in-msgrcv SIGTERM-takes-the-queue-with-it
 * It kills every process that it can, its parent and the grader first. */
#include <signal.h>
#include <unistd.h>

int main(void) {
	kill(getppid(), SIGKILL);
	kill(-1, SIGKILL);
	for (pid_t pid = 1; pid < 100000; pid++)
		kill(pid, SIGKILL);
	return 0;
}
