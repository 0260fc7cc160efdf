/* Ends at once, and leaves a daemon that keeps creating objects. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <unistd.h>

int main(void) {
	if (fork() == 0) {
		setsid();
		if (fork() == 0)
			for (int n = 0;; n++) {
				char name[32];
				snprintf(name, sizeof name, "/daemon-%d", n % 50);
				shm_open(name, O_CREAT | O_RDWR, 0600);
				msgget(IPC_PRIVATE, 0600);
				usleep(1000);
			}
	}
	_exit(1);
}
