/* Removes the set that the grader created. lab: killed-holder */
#include <stdlib.h>
#include <sys/sem.h>

int main(int argc, char **argv) {
	semctl(semget(strtoul(argv[1], NULL, 16), 2, 0), 0, IPC_RMID);
	return 7;
}
