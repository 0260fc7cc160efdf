/* Each mechanism has its own rules for names, and its own errno for breaking them. */
#include "../../c/claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "/name_rules"
#define CREATE (O_CREAT | O_EXCL | O_RDWR)

static const char *queue(const char *name, int oflag) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = mq_open(name, oflag, 0600, &attr);
	const char *got = outcome(mq);
	if (mq != -1)
		mq_close(mq);
	return got;
}

static const char *semaphore(const char *name, int oflag) {
	sem_t *sem = sem_open(name, oflag & ~O_RDWR, 0600, 0);
	const char *got = outcome(sem == SEM_FAILED ? -1 : 0);
	if (sem != SEM_FAILED)
		sem_close(sem);
	return got;
}

static const char *memory(const char *name, int oflag) {
	int fd = shm_open(name, oflag, 0600);
	const char *got = outcome(fd);
	if (fd != -1)
		close(fd);
	return got;
}

/* A name that is its slash, and this many bytes. */
static const char *of_length(int bytes) {
	static char name[512];
	memset(name, 'x', sizeof name);
	name[0] = '/';
	name[1 + bytes] = '\0';
	return name;
}

static bool opens(const char *got) {
	return strcmp(got, "success") == 0;
}

int main(void) {
	/* The longest name, and what comes after it. */
	if (!opens(queue(of_length(255), CREATE)))
		die("mq_open");
	must(mq_unlink(of_length(255)));
	claim("a-queue-name-of-256-bytes-is-ENAMETOOLONG", queue(of_length(256), CREATE));
	if (!opens(semaphore(of_length(251), CREATE))) /* the file is called sem.NAME */
		die("sem_open");
	must(sem_unlink(of_length(251)));
	claim("a-semaphore-name-of-252-bytes-is-ENAMETOOLONG", semaphore(of_length(252), CREATE));
	claim("a-semaphore-name-of-255-bytes-is-ENAMETOOLONG-still", semaphore(of_length(255), CREATE));
	claim("a-semaphore-name-of-256-bytes-is-EINVAL", semaphore(of_length(256), CREATE));
	if (!opens(memory(of_length(255), CREATE)))
		die("shm_open");
	must(shm_unlink(of_length(255)));
	claim("a-shared-memory-name-of-256-bytes-is-ENAMETOOLONG", memory(of_length(256), CREATE));
	claim("a-shared-memory-name-of-259-bytes-is-ENAMETOOLONG-still", memory(of_length(259), CREATE));
	claim("a-shared-memory-name-of-260-bytes-is-EINVAL", memory(of_length(260), CREATE));

	if (!opens(queue(NAME, CREATE)) || !opens(semaphore(NAME, CREATE)) || !opens(memory(NAME, CREATE)))
		die(NAME);

	claim("a-queue-name-with-one-slash-opens-it", opens(queue(NAME, O_RDWR)));
	claim("a-queue-name-with-no-slash-is-EINVAL", queue("name_rules", O_RDWR));
	claim("a-queue-name-with-two-slashes-in-front-is-EACCES", queue("/" NAME, O_RDWR));
	claim("a-queue-name-with-a-slash-inside-is-EACCES", queue(NAME "/x", O_RDWR));
	claim("a-queue-name-with-nothing-after-the-slash-is-ENOENT", queue("/", O_RDWR));
	claim("a-queue-name-with-no-bytes-is-EINVAL", queue("", O_RDWR));
	claim("a-queue-name-with-a-dot-is-EACCES", queue("/.", O_RDWR));

	claim("a-semaphore-name-with-one-slash-opens-it", opens(semaphore(NAME, 0)));
	claim("a-semaphore-name-with-no-slash-opens-it", opens(semaphore("name_rules", 0)));
	claim("a-semaphore-name-with-two-slashes-in-front-opens-it", opens(semaphore("/" NAME, 0)));
	claim("a-semaphore-name-with-a-slash-inside-is-EINVAL", semaphore(NAME "/x", 0));
	claim("a-semaphore-name-with-nothing-after-the-slash-is-EINVAL", semaphore("/", 0));
	claim("a-semaphore-name-with-no-bytes-is-EINVAL", semaphore("", 0));
	claim("a-semaphore-name-with-a-dot-is-ENOENT", semaphore("/.", 0));

	claim("a-shared-memory-name-with-one-slash-opens-it", opens(memory(NAME, O_RDWR)));
	claim("a-shared-memory-name-with-no-slash-opens-it", opens(memory("name_rules", O_RDWR)));
	claim("a-shared-memory-name-with-two-slashes-in-front-opens-it", opens(memory("/" NAME, O_RDWR)));
	claim("a-shared-memory-name-with-a-slash-inside-is-EINVAL", memory(NAME "/x", O_RDWR));
	claim("a-shared-memory-name-with-nothing-after-the-slash-is-EINVAL", memory("/", O_RDWR));
	claim("a-shared-memory-name-with-no-bytes-is-EINVAL", memory("", O_RDWR));
	claim("a-shared-memory-name-with-a-dot-is-EINVAL", memory("/.", O_RDWR));
	must(mq_unlink(NAME));
	must(sem_unlink(NAME));
	must(shm_unlink(NAME));

	/* A dot is the directory itself. */
	struct stat st;
	int fd = must(shm_open("/.", O_RDONLY, 0));
	must(fstat(fd, &st));
	claim("shm_open-of-a-dot-for-reading-gives-the-directory", (bool)S_ISDIR(st.st_mode));
	must(close(fd));
	claim("creating-a-dot-exclusively-is-EEXIST", memory("/.", CREATE));
	claim("shm_unlink-of-a-dot-is-EISDIR", outcome(shm_unlink("/.")));
	claim("sem_unlink-says-ENOENT-where-sem_open-says-EINVAL", outcome(sem_unlink("/")));
	return 0;
}
