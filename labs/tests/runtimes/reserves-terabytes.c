/* Reserves terabytes of addresses, uses little of them, and has many threads, like the Go runtime. */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void *wait_for_work(void *unused) {
	for (;;)
		pause();
	return unused;
}

int main(int argc, char **argv) {
	for (int n = 0; n < 64; n++) {
		char *arena = mmap(NULL, 1ul << 36, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (argc != 3 || arena == MAP_FAILED || mprotect(arena, 1 << 20, PROT_READ | PROT_WRITE) == -1)
			return 1;
		arena[0] = 1;
	}
	for (int n = 0; n < 32; n++) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, wait_for_work, NULL))
			return 1;
	}
	umask(0);
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	return mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, strtoul(argv[2], NULL, 8), &attr) == (mqd_t)-1;
}
