/* The kernel limits attributes twice: settings limit new queues, and constants limit the settings. */
#define _GNU_SOURCE /* unshare */
#include "../../c/claim.h"
#include "../../c/limits.h"
#include "../../c/turns.h"
#include <mqueue.h>
#include <sys/resource.h>

#define NAME "/attribute_ceilings"

static mqd_t create(const char *name, long maxmsg, long msgsize) {
	struct mq_attr attr = {.mq_maxmsg = maxmsg, .mq_msgsize = msgsize};
	return mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
}

/* The kernel destroys a namespace some time after its end. Until then its queues are charged. */
static void without(const char *name, mqd_t mq) {
	must(mq_unlink(name));
	must(mq_close(mq));
}

/* The attributes of a queue that is created without any. */
static struct mq_attr defaults(void) {
	struct mq_attr attr;
	mqd_t mq = must(mq_open("/queue", O_CREAT | O_EXCL | O_RDWR, 0600, NULL));
	must(mq_getattr(mq, &attr));
	without("/queue", mq);
	return attr;
}

/* Writes a setting of this namespace, and returns what the kernel says. */
static const char *set(const char *file, const char *value) {
	int fd = must(open(file, O_WRONLY));
	const char *result = outcome(write(fd, value, strlen(value)));
	must(close(fd));
	return result;
}

static const char *set_msg_max(const char *value) {
	return set("/proc/sys/fs/mqueue/msg_max", value);
}

static const char *set_msgsize_max(const char *value) {
	return set("/proc/sys/fs/mqueue/msgsize_max", value);
}

static void settings(int end) {
	(void)end;
	rule();
	limit("fs/mqueue/msg_default", "20");
	claim("a-msg_default-above-msg_max-is-reduced-to-msg_max", defaults().mq_maxmsg);
	limit("fs/mqueue/msgsize_default", "16384");
	claim("a-msgsize_default-above-msgsize_max-is-reduced-to-msgsize_max", defaults().mq_msgsize);

	limit("fs/mqueue/msg_max", "65536");
	claim("msg_max-cannot-be-set-above-65536", set_msg_max("65537"));
	claim("msg_max-can-be-set-to-65536", read_limit("fs/mqueue/msg_max"));
	claim("msg_max-cannot-be-set-to-0", set_msg_max("0"));
	limit("fs/mqueue/msgsize_max", "16777216");
	claim("msgsize_max-cannot-be-set-above-16777216", set_msgsize_max("16777217"));
	limit("fs/mqueue/msgsize_max", "128");
	claim("msgsize_max-cannot-be-set-below-128", set_msgsize_max("127"));
	limit("fs/mqueue/queues_max", "0");
	claim("with-queues_max-0-no-queue-can-be-created", outcome(create("/queue", 1, 1)));

	limit("fs/mqueue/msg_max", "5");
	mqd_t mq = must(create("/queue", 5, 512));
	struct mq_attr attr;
	set_msg_max("2");
	must(mq_getattr(mq, &attr));
	claim("a-lower-msg_max-leaves-existing-queues-unchanged", attr.mq_maxmsg);
	set_msgsize_max("128");
	char message[512] = "";
	claim("a-queue-still-accepts-messages-above-a-lower-msgsize_max", outcome(mq_send(mq, message, 512, 0)));
	without("/queue", mq);
}

int main(void) {
	mqd_t mq = must(create(NAME, 2, 64));
	in_a_child(settings);
	struct rlimit nothing;
	must(getrlimit(RLIMIT_MSGQUEUE, &nothing));
	nothing.rlim_cur = 0;
	must(setrlimit(RLIMIT_MSGQUEUE, &nothing));
	claim("RLIMIT_MSGQUEUE-does-not-stop-mq_send", outcome(mq_send(mq, "there is room", 13, 0)));
	mqd_t second = mq_open(NAME, O_RDWR);
	claim("RLIMIT_MSGQUEUE-does-not-stop-the-opening-of-an-existing-queue", outcome(second));
	must(mq_close(second));
	without(NAME, mq);
	return 0;
}
