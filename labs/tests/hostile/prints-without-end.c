/* Prints escape sequences without end. */
#include <string.h>
#include <unistd.h>

int main(void) {
	static char block[1 << 20];
	for (unsigned i = 0; i + 4 < sizeof block; i += 4)
		memcpy(block + i, "\033[2J", 4);
	for (;;)
		write(1, block, sizeof block);
}
