/* A full /dev/shm refuses memory late: when a page is used for the first time, and then by a signal. */
#define _GNU_SOURCE /* unshare */
#include "../../c/container.h"
#include "../../c/turns.h"
#include <sys/mman.h>
#include <sys/shm.h>

#define NAME "/long"
#define LONG (1 << 20)

static char *map(void) {
	int object = must(shm_open(NAME, O_RDWR, 0));
	return must(mmap(NULL, LONG, PROT_READ | PROT_WRITE, MAP_SHARED, object, 0));
}

static void write_last(int end) {
	(void)end;
	map()[LONG - 1] = 'x';
}

static void read_last(int end) {
	(void)end;
	volatile char last = map()[LONG - 1];
	(void)last;
}

/* Returns the name of the signal that ends the child. */
static const char *death(void (*touch)(int end)) {
	pid_t pid;
	int status, end = begin(touch, &pid);
	must(waitpid(pid, &status, 0));
	close(end);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS ? "SIGBUS" : "another end";
}

static void container(int end) {
	static char text[64 << 10];
	char hole[4];
	(void)end;
	become_container();
	must(mount("none", "/dev/shm", "tmpfs", 0, "size=64k"));
	int object = must(shm_open(NAME, O_CREAT | O_RDWR, 0600));
	claim("ftruncate-beyond-the-size-of-dev-shm-succeeds", outcome(ftruncate(object, LONG)));
	must(write(object, text, sizeof text));
	claim("write-to-a-full-dev-shm-fails-with-ENOSPC", outcome(write(object, "x", 1)));
	must(read(object, hole, sizeof hole));
	claim_bytes("read-returns-the-zeros-of-a-hole-although-dev-shm-is-full", hole, sizeof hole);

	char *memory = must(shmat(must(shmget(IPC_PRIVATE, LONG, 0600)), NULL, 0));
	memset(memory, 'y', LONG);
	claim_bytes("System-V-memory-can-be-larger-than-dev-shm", memory + LONG - 1, 1);

	claim("a-write-to-a-mapped-hole-of-a-full-dev-shm-raises-SIGBUS", death(write_last));
	claim("a-read-from-a-mapped-hole-of-a-full-dev-shm-raises-SIGBUS", death(read_last));
}

int main(void) {
	in_a_child(container); /* its namespaces end with it, with all objects */
	return 0;
}
