/* A client opens the semaphore of its server and waits on it. If there is no server, it says so. */
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void killed(int signal) {
	ssize_t written = write(1, "killed by SIGSEGV\n", 18);
	_exit(written == 18 ? signal : 2);
}

int main(void) {
	signal(SIGSEGV, killed);
	sem_t *sem = sem_open("/bug_server", 0);
	if (sem == (sem_t *)-1) { /* BUG */
		puts("there is no server");
		return 1;
	}
	sem_wait(sem);
	puts("the server is ready");
	return 0;
}
