/* Each mechanism has its own rules for names, and its own errnos for invalid names. */
#include "../../c/claim.h"
#include "../../c/kinds.h"

#define NAME "/name_rules"

int main(void) {
	if (!opens(queue(NAME, CREATE)) || !opens(semaphore(NAME, CREATE)) || !opens(memory(NAME, CREATE)))
		die(NAME);

	claim("a-queue-name-with-one-slash-opens-the-object", opens(queue(NAME, O_RDWR)));
	claim("a-queue-name-with-no-slash-is-EINVAL", queue("name_rules", O_RDWR));
	claim("a-queue-name-with-two-slashes-in-front-is-EACCES", queue("/" NAME, O_RDWR));
	claim("a-queue-name-with-a-slash-inside-is-EACCES", queue(NAME "/x", O_RDWR));
	claim("a-queue-name-with-nothing-after-the-slash-is-ENOENT", queue("/", O_RDWR));
	claim("a-queue-name-with-no-bytes-is-EINVAL", queue("", O_RDWR));
	claim("a-queue-name-with-a-dot-is-EACCES", queue("/.", O_RDWR));

	claim("a-semaphore-name-with-one-slash-opens-the-object", opens(semaphore(NAME, 0)));
	claim("a-semaphore-name-with-no-slash-opens-the-object", opens(semaphore("name_rules", 0)));
	claim("a-semaphore-name-with-two-slashes-in-front-opens-the-object", opens(semaphore("/" NAME, 0)));
	claim("a-semaphore-name-with-a-slash-inside-is-EINVAL", semaphore(NAME "/x", 0));
	claim("a-semaphore-name-with-nothing-after-the-slash-is-EINVAL", semaphore("/", 0));
	claim("a-semaphore-name-with-no-bytes-is-EINVAL", semaphore("", 0));
	claim("a-semaphore-name-with-a-dot-is-ENOENT", semaphore("/.", 0));

	claim("a-shared-memory-name-with-one-slash-opens-the-object", opens(memory(NAME, O_RDWR)));
	claim("a-shared-memory-name-with-no-slash-opens-the-object", opens(memory("name_rules", O_RDWR)));
	claim("a-shared-memory-name-with-two-slashes-in-front-opens-the-object", opens(memory("/" NAME, O_RDWR)));
	claim("a-shared-memory-name-with-a-slash-inside-is-EINVAL", memory(NAME "/x", O_RDWR));
	claim("a-shared-memory-name-with-nothing-after-the-slash-is-EINVAL", memory("/", O_RDWR));
	claim("a-shared-memory-name-with-no-bytes-is-EINVAL", memory("", O_RDWR));
	claim("a-shared-memory-name-with-a-dot-is-EINVAL", memory("/.", O_RDWR));
	must(mq_unlink(NAME));
	must(sem_unlink(NAME));
	must(shm_unlink(NAME));

	/* Use a dot as the name: it is the directory itself. */
	struct stat st;
	int fd = must(shm_open("/.", O_RDONLY, 0));
	must(fstat(fd, &st));
	claim("shm_open-of-a-dot-for-reading-opens-the-directory", (bool)S_ISDIR(st.st_mode));
	must(close(fd));
	claim("creating-a-dot-exclusively-is-EEXIST", memory("/.", CREATE));
	claim("shm_unlink-of-a-dot-is-EISDIR", outcome(shm_unlink("/.")));
	claim("sem_unlink-gives-ENOENT-where-sem_open-gives-EINVAL", outcome(sem_unlink("/")));
	return 0;
}
