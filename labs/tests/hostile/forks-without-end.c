/* Forks forever, as do its children. */
#include <unistd.h>

int main(void) {
	for (;;)
		fork();
}
