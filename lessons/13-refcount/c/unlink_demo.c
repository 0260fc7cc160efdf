/* After an unlink the name is free: a new object can have it while the old one still exists. */
#include "../../c/claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "/unlink_demo"

static struct stat look(int fd) {
	struct stat st;
	must(fstat(fd, &st));
	return st;
}

static int value(sem_t *sem) {
	int value;
	must(sem_getvalue(sem, &value));
	return value;
}

/* A semaphore has no descriptor, but its name is that of a file. */
static struct stat look_at_semaphore(void) {
	struct stat st;
	must(stat("/dev/shm/sem.unlink_demo", &st));
	return st;
}

static sem_t *new_semaphore(unsigned int value) {
	sem_t *sem = sem_open(NAME, O_CREAT | O_EXCL, 0600, value);
	if (sem == SEM_FAILED)
		die("sem_open");
	return sem;
}

static mqd_t new_queue(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	return must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
}

int main(void) {
	/* Two semaphores with the same name. */
	sem_t *sem1 = new_semaphore(5);
	struct stat first = look_at_semaphore();
	claim("a-new-semaphore-has-one-name", first.st_nlink);
	must(sem_unlink(NAME));
	sem_t *sem2 = new_semaphore(1);
	claim("the-unlinked-semaphore-keeps-its-value", value(sem1));
	claim("the-new-semaphore-with-the-same-name-has-its-own-value", value(sem2));
	claim("two-semaphores-with-the-same-name-have-different-inodes", (bool)(first.st_ino == look_at_semaphore().st_ino));
	must(sem_post(sem1));
	claim("a-post-reaches-the-unlinked-semaphore", value(sem1));
	claim("a-post-to-the-old-semaphore-leaves-the-new-one-alone", value(sem2));
	must(sem_close(sem1));
	must(sem_close(sem2));
	must(sem_unlink(NAME));

	/* A server creates a queue, a client opens it, and the server restarts. */
	mqd_t server1 = new_queue();
	mqd_t client = must(mq_open(NAME, O_WRONLY | O_NONBLOCK));
	must(mq_unlink(NAME));
	must(mq_close(server1));
	mqd_t server2 = new_queue();
	must(mq_send(client, "one", 3, 0));
	must(mq_send(client, "two", 3, 0));
	struct mq_attr attr;
	must(mq_getattr(server2, &attr));
	claim("messages-to-an-unlinked-queue-do-not-reach-a-new-queue-with-the-same-name", attr.mq_curmsgs);
	claim("sending-to-an-unlinked-queue-succeeds-until-it-is-full", outcome(mq_send(client, "three", 5, 0)));
	claim("st_nlink-0-tells-a-client-that-its-queue-is-unlinked", look(client).st_nlink);
	claim("st_nlink-of-the-new-queue-is-1", look(server2).st_nlink);
	must(mq_close(client));
	must(mq_close(server2));
	must(mq_unlink(NAME));

	/* Two shared memory objects with the same name. */
	int shm1 = must(shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600));
	must(ftruncate(shm1, 4096));
	must(shm_unlink(NAME));
	int shm2 = must(shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600));
	claim("new-shared-memory-with-an-old-name-starts-empty", look(shm2).st_size);
	claim("the-unlinked-shared-memory-keeps-its-size", look(shm1).st_size);
	claim("two-shared-memory-objects-with-the-same-name-have-different-inodes",
		  (bool)(look(shm1).st_ino == look(shm2).st_ino));
	must(close(shm1));
	must(close(shm2));
	must(shm_unlink(NAME));
	return 0;
}
