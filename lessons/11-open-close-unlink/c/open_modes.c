/* The access mode and O_NONBLOCK belong to one opening, the mode and the attributes to the queue. */
#include "../../c/claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "/demo_queue"

static struct mq_attr look(mqd_t mq) {
	struct mq_attr attr;
	must(mq_getattr(mq, &attr));
	return attr;
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	char buffer[64];
	mqd_t server = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDONLY, 0600, &attr));
	claim("a-descriptor-opened-to-receive-cannot-send", outcome(mq_send(server, "to myself", 9, 0)));
	mqd_t client = must(mq_open(NAME, O_WRONLY));
	claim("a-descriptor-opened-to-send-cannot-receive",
		  outcome(mq_receive(client, buffer, sizeof buffer, NULL)));
	must(mq_send(client, "request", 7, 0));
	ssize_t length = must(mq_receive(server, buffer, sizeof buffer, NULL));
	claim_bytes("a-queue-can-be-open-with-two-access-modes-at-once", buffer, (size_t)length);

	/* O_CREAT again, with another mode and with attributes that no queue can have. */
	struct mq_attr nonsense = {.mq_maxmsg = -1, .mq_msgsize = -1};
	mqd_t nonblocking = mq_open(NAME, O_CREAT | O_RDWR | O_NONBLOCK, 0400, &nonsense);
	claim("O_CREAT-on-an-existing-queue-ignores-attr", outcome(nonblocking));
	claim("an-existing-queue-keeps-its-attributes", look(nonblocking).mq_maxmsg);
	struct stat st;
	char mode[8];
	must(fstat(nonblocking, &st));
	snprintf(mode, sizeof mode, "%04o", st.st_mode & 07777);
	claim("an-existing-queue-keeps-its-mode", mode);

	/* Receive from an empty queue and send to a full one, with O_NONBLOCK. */
	claim("O_NONBLOCK-on-an-empty-queue-is-EAGAIN",
		  outcome(mq_receive(nonblocking, buffer, sizeof buffer, NULL)));
	must(mq_send(nonblocking, "one", 3, 0));
	must(mq_send(nonblocking, "two", 3, 0));
	claim("O_NONBLOCK-on-a-full-queue-is-EAGAIN", outcome(mq_send(nonblocking, "three", 5, 0)));
	claim("O_NONBLOCK-does-not-belong-to-the-queue", look(server).mq_flags);
	mqd_t copy = must(dup(nonblocking));
	claim("a-dup-also-has-O_NONBLOCK", look(copy).mq_flags);
	must(mq_setattr(nonblocking, &(struct mq_attr){.mq_flags = 0}, NULL));
	claim("O_NONBLOCK-belongs-to-the-open-file-description", look(copy).mq_flags);
	must(mq_setattr(copy, &(struct mq_attr){.mq_flags = O_NONBLOCK}, NULL));
	claim("mq_setattr-through-a-dup-sets-O_NONBLOCK-for-both-descriptors", look(nonblocking).mq_flags);

	/* O_WRONLY and O_RDWR together, which is not an access mode. */
	claim("mq_open-refuses-access-mode-3-for-an-existing-queue", outcome(mq_open(NAME, O_WRONLY | O_RDWR)));
	must(mq_unlink(NAME));
	mqd_t neither = must(mq_open(NAME, O_CREAT | O_EXCL | O_WRONLY | O_RDWR, 0600, &attr));
	claim("a-descriptor-created-with-access-mode-3-cannot-send", outcome(mq_send(neither, "x", 1, 0)));
	claim("a-descriptor-created-with-access-mode-3-cannot-receive",
		  outcome(mq_receive(neither, buffer, sizeof buffer, NULL)));
	must(mq_unlink(NAME));
	return 0;
}
