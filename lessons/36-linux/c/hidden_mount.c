/* mq_open does not use the mounts that you see: neither umount nor a read-only mount stops it. */
#define _GNU_SOURCE /* unshare */
#include "../../c/container.h"
#include "../../c/turns.h"

#define SECOND "/dev/shm/second"

static void container(int end) {
	(void)end;
	become_container();
	must(mkdir(SECOND, 0700));
	must(mount("none", SECOND, "mqueue", 0, NULL));
	int file = must(open(SECOND "/by_open", O_CREAT | O_RDWR, 0600));
	mqd_t mq = must(mq_open("/by_open", O_RDWR));

	claim("umount-fails-with-EBUSY-while-a-descriptor-from-open-is-open", outcome(umount(SECOND)));
	must(close(file));
	claim("a-descriptor-from-mq_open-does-not-keep-a-mount-busy", outcome(umount(SECOND)));
	must(mq_close(mq));
	claim("a-queue-that-was-created-through-a-mount-stays-after-umount", outcome(mq_open("/by_open", O_RDWR)));

	must(mount("none", SECOND, "mqueue", MS_RDONLY, NULL));
	claim("a-read-only-mount-refuses-to-create-a-queue", outcome(open(SECOND "/new", O_CREAT | O_RDWR, 0600)));
	claim("a-read-only-mount-does-not-stop-mq_open-with-O_CREAT",
		  outcome(mq_open("/new", O_CREAT | O_RDWR, 0600, NULL)));
}

int main(void) {
	in_a_child(container); /* its namespaces end with it, and with all queues */
	return 0;
}
