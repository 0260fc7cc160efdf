/* Stops its whole process group. */
#include <signal.h>

int main(void) {
	kill(0, SIGSTOP);
	return 1;
}
