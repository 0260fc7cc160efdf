/* loses: each-request-gets-a-ticket the-same-request-gets-the-same-ticket killed-at-any-call-it-keeps-its-promises requests-that-wait-outlive-the-server a-dead-client-does-not-block-the-others a-client-without-a-queue-does-no-harm a-bad-request-does-no-harm interrupted-it-goes-on without-requests-it-sleeps
 * It prints a reply, and serves nobody. */
#include <stdio.h>
#include <unistd.h>

int main(void) {
	puts("3 1");
	fflush(stdout);
	pause();
	return 0;
}
