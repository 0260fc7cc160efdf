/* Two processes and one object: measures the lifecycle tutorial's table of reference counts. */
#include "../../c/claim.h"
#include "../../c/holders.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/mman.h>

#define NAME "/refcount_demo"
#define CREATE (O_CREAT | O_EXCL | O_RDWR)

/* For each kind: how to open it, so that one reference is left, and how to close that. */
struct kind {
	const char *slug;
	bool (*open)(int oflag);
	void (*close)(void);
	int (*unlink)(const char *name);
};

/* What this process has open, and which object it is. */
static mqd_t mq;
static sem_t *sem;
static void *memory;
static struct stat object;

static bool open_queue(int oflag) {
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	if ((mq = mq_open(NAME, oflag, 0600, &attr)) == -1)
		return false;
	must(fstat(mq, &object));
	return true;
}
static void close_queue(void) {
	must(mq_close(mq));
}

static bool open_semaphore(int oflag) {
	if ((sem = sem_open(NAME, oflag & ~O_RDWR, 0600, 1)) == SEM_FAILED)
		return false;
	must(stat("/dev/shm/sem.refcount_demo", &object));
	return true;
}
static void close_semaphore(void) {
	must(sem_close(sem));
}

static bool open_memory(int oflag) {
	int fd = shm_open(NAME, oflag, 0600);
	if (fd == -1)
		return false;
	must(ftruncate(fd, 4096));
	must(fstat(fd, &object));
	memory = must(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	must(close(fd)); /* the mapping keeps the open file description */
	return true;
}
static void close_memory(void) {
	must(munmap(memory, 4096));
}

static const struct kind kinds[] = {
	{"queue", open_queue, close_queue, mq_unlink},
	{"semaphore", open_semaphore, close_semaphore, sem_unlink},
	{"shared-memory", open_memory, close_memory, shm_unlink},
};
static const struct kind *kind;

static void b(int a) {
	hear(a);
	if (!kind->open(O_RDWR))
		die("open");
	tell(a, "open");
	hear(a);
	kind->close();
	tell(a, "closed");
	hear(a);
}

/* Here the references to a queue are descriptors. Those to the other objects are mappings. */
static void row(const char *event, int expected, pid_t other) {
	char id[96];
	int count = descriptors(getpid(), object) + descriptors(other, object) +
				mappings(getpid(), object.st_ino) + mappings(other, object.st_ino);
	snprintf(id, sizeof id, "the-count-of-the-%s-is-%d-after-%s", kind->slug, expected, event);
	claim(id, count);
}

int main(void) {
	for (kind = kinds; kind < kinds + 3; kind++) {
		pid_t pid;
		int end = begin(b, &pid);
		if (!kind->open(CREATE))
			die("create");
		row("A-opens", 1, pid);
		tell(end, "open");
		hear(end);
		row("B-opens", 2, pid);
		must(kind->unlink(NAME));
		row("A-unlinks", 2, pid);
		char id[96];
		struct stat opened = object;
		snprintf(id, sizeof id, "after-A-unlinks-nobody-can-open-the-%s", kind->slug);
		mqd_t my_mq = mq;
		sem_t *my_sem = sem;
		claim(id, outcome(kind->open(O_RDWR) ? 0 : -1));
		mq = my_mq, sem = my_sem, object = opened;
		kind->close();
		row("A-closes", 1, pid);
		tell(end, "close");
		hear(end);
		row("B-closes", 0, pid);
		tell(end, "end");
		finish(pid);
		close(end);
	}
	return 0;
}
