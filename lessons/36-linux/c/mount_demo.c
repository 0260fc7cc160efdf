/* In a mount of mqueue each file is a queue: open(2) creates it, and other file calls do what the queue allows. */
#define _GNU_SOURCE /* unshare */
#include "../../c/charge.h"
#include "../../c/container.h"
#include "../../c/turns.h"
#include <poll.h>

#define SECOND "/dev/shm/second"

static struct stat status(const char *path) {
	struct stat status;
	must(stat(path, &status));
	return status;
}

static void container(int end) {
	(void)end;
	become_container();
	must(mkdir(SECOND, 0700));
	must(mount("none", SECOND, "mqueue", 0, NULL));
	claim("two-mounts-in-one-IPC-namespace-have-the-same-st_dev",
		  (bool)(status(SECOND).st_dev == status(MQUEUE).st_dev));

	int file = must(open(SECOND "/by_open", O_CREAT | O_RDWR, 0600));
	mqd_t mq = must(mq_open("/by_open", O_RDWR));
	claim("open-with-O_CREAT-creates-a-queue-with-msg_default-messages", attributes(mq).mq_maxmsg);
	claim("mq_send-accepts-a-descriptor-from-open", outcome(mq_send(file, "hello", 5, 0)));
	struct pollfd ready = {.fd = file, .events = POLLIN};
	must(poll(&ready, 1, 0));
	claim("poll-reports-POLLIN-for-a-descriptor-from-open", (bool)(ready.revents == POLLIN));

	claim("st_size-of-a-queue-with-a-message-is-80", status(SECOND "/by_open").st_size);
	must(ftruncate(file, 0));
	claim("ftruncate-to-0-leaves-the-messages-in-the-queue", attributes(mq).mq_curmsgs);
	char text[100] = "";
	must(read(mq, text, sizeof text));
	claim("read-of-a-queue-descriptor-returns-the-status-line", (bool)(strncmp(text, "QSIZE:5 ", 8) == 0));
	claim("a-second-read-of-the-status-line-returns-0", must(read(mq, text, sizeof text)));

	limit_charge(0);
	claim("a-queue-that-open-creates-is-charged-too", outcome(open(MQUEUE "/second", O_CREAT | O_RDWR, 0600)));
}

int main(void) {
	in_a_child(container); /* its namespaces end with it, and with all queues */
	return 0;
}
