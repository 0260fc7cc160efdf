/* Forks, and its children fork, and none of them ends. */
#include <unistd.h>

int main(void) {
	for (;;)
		fork();
}
