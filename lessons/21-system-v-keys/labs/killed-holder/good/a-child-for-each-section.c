/* Each section is made by a child of its own: when it ends, all that it has taken is given back. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

static int section(int semid) {
	struct sembuf take = {0, -1, SEM_UNDO};
	struct sembuf give[] = {{0, 1, SEM_UNDO}, {1, 1, 0}};
	while (semop(semid, &take, 1) == -1)
		if (errno != EINTR)
			return 3;
	sched_yield();
	return semop(semid, give, 2) == 0 ? 0 : 3;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	int semid = semget(strtoul(argv[1], NULL, 16), 2, 0600);
	if (semid == -1)
		return 3;
	for (int n = atoi(argv[2]); n > 0; n--) {
		pid_t child = fork();
		if (child == -1)
			return 1;
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(section(semid));
		}
		int status;
		while (waitpid(child, &status, 0) == -1)
			;
		if (!WIFEXITED(status))
			return 1;
		if (WEXITSTATUS(status) != 0)
			return WEXITSTATUS(status);
	}
	return 0;
}
