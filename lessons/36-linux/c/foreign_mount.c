/* A mount of mqueue shows the queues of the namespace in which it was made, and not those of its reader. */
#define _GNU_SOURCE /* unshare */
#include "../../c/container.h"
#include "../../c/turns.h"

#define SECOND "/dev/shm/second"

static const char *look(const char *path) {
	struct stat status;
	return outcome(stat(path, &status));
}

static dev_t device(const char *path) {
	struct stat status;
	must(stat(path, &status));
	return status.st_dev;
}

static void container(int end) {
	(void)end;
	become_container();
	must(mkdir(SECOND, 0700));
	int first = namespace_of(getpid(), "ipc"); /* keeps the namespace for the moment */
	must(mq_close(must(mq_open("/first", O_CREAT | O_RDWR, 0600, NULL))));
	must(unshare(CLONE_NEWIPC));
	claim("a-mount-shows-the-namespace-of-its-mounter-to-a-process-that-has-left-it", look(MQUEUE "/first"));

	must(mq_close(must(mq_open("/second", O_CREAT | O_RDWR, 0600, NULL))));
	claim("mq_open-creates-nothing-in-the-mount-of-another-namespace", look(MQUEUE "/second"));
	must(close(must(open(MQUEUE "/through", O_CREAT | O_RDWR, 0600))));
	claim("open-with-O_CREAT-through-a-mount-creates-a-queue-in-the-namespace-of-the-mount",
		  outcome(mq_open("/through", O_RDWR)));
	must(mount("none", SECOND, "mqueue", 0, NULL));
	claim("mounts-of-two-IPC-namespaces-have-different-st_dev", (bool)(device(SECOND) != device(MQUEUE)));

	must(close(first)); /* now the first namespace ends */
	claim("no-queue-can-be-created-through-the-mount-of-a-dead-namespace",
		  outcome(open(MQUEUE "/late", O_CREAT | O_RDWR, 0600)));
	claim("the-mount-of-a-dead-namespace-still-shows-its-queues", outcome(open(MQUEUE "/first", O_RDWR)));
	claim("a-queue-can-be-removed-through-the-mount-of-a-dead-namespace", outcome(unlink(MQUEUE "/first")));

	must(effective(0));
	claim("mounting-mqueue-without-CAP_SYS_ADMIN-fails-with-EPERM",
		  outcome(mount("none", SECOND, "mqueue", 0, NULL)));
}

int main(void) {
	in_a_child(container); /* its namespaces end with it */
	return 0;
}
