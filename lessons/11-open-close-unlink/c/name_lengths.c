/* A name can have 255 bytes, a semaphore's only 251, because its file is called sem.NAME. */
#include "../../c/claim.h"
#include "../../c/kinds.h"

/* A name of a slash and this many bytes. */
static const char *of_length(int bytes) {
	static char name[512];
	memset(name, 'x', sizeof name);
	name[0] = '/';
	name[1 + bytes] = '\0';
	return name;
}

int main(void) {
	if (!opens(queue(of_length(255), CREATE)))
		die("mq_open");
	must(mq_unlink(of_length(255)));
	claim("a-queue-name-of-256-bytes-is-ENAMETOOLONG", queue(of_length(256), CREATE));
	if (!opens(semaphore(of_length(251), CREATE))) /* its file is called sem.NAME */
		die("sem_open");
	must(sem_unlink(of_length(251)));
	claim("a-semaphore-name-of-252-bytes-is-ENAMETOOLONG", semaphore(of_length(252), CREATE));
	claim("a-semaphore-name-of-255-bytes-is-still-ENAMETOOLONG", semaphore(of_length(255), CREATE));
	claim("a-semaphore-name-of-256-bytes-is-EINVAL", semaphore(of_length(256), CREATE));
	if (!opens(memory(of_length(255), CREATE)))
		die("shm_open");
	must(shm_unlink(of_length(255)));
	claim("a-shared-memory-name-of-256-bytes-is-ENAMETOOLONG", memory(of_length(256), CREATE));
	claim("a-shared-memory-name-of-259-bytes-is-still-ENAMETOOLONG", memory(of_length(259), CREATE));
	claim("a-shared-memory-name-of-260-bytes-is-EINVAL", memory(of_length(260), CREATE));
	return 0;
}
