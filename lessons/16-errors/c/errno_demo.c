/* Each errno of the queue calls has a cause, and most of them can be provoked. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include "../../c/user.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/resource.h>

#define NAME "/errno_demo"

static mqd_t create(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	return mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0400, &attr);
}

static void without_capabilities(int end) {
	(void)end;
	must(effective(0)); /* root would not be refused */
	claim("mq_open-fails-with-EACCES-if-the-mode-does-not-allow-it", outcome(mq_open(NAME, O_WRONLY)));
}

static void without_descriptors(int end) {
	(void)end;
	must(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, 0}));
	claim("mq_open-fails-with-EMFILE-if-no-descriptor-is-left", outcome(mq_open(NAME, O_RDONLY)));
}

int main(void) {
	claim("mq_open-fails-with-ENOENT-if-nothing-has-the-name", outcome(mq_open(NAME, O_RDONLY)));
	claim("mq_unlink-fails-with-ENOENT-if-nothing-has-the-name", outcome(mq_unlink(NAME)));
	mqd_t mq = must(create());
	claim("mq_open-with-O_EXCL-fails-with-EEXIST-if-the-name-is-taken", outcome(create()));
	in_a_child(without_capabilities);

	struct mq_attr none = {.mq_maxmsg = 0, .mq_msgsize = 64};
	claim("mq_send-fails-with-EINVAL-if-the-priority-is-too-high", outcome(mq_send(mq, "x", 1, 32768)));
	claim("mq_open-fails-with-EINVAL-if-an-attribute-is-out-of-range",
		  outcome(mq_open("/errno_demo_2", O_CREAT | O_EXCL | O_RDWR, 0600, &none)));

	char name[258] = "/";
	memset(name + 1, 'n', 256);
	claim("a-queue-name-of-256-bytes-fails-with-ENAMETOOLONG", outcome(mq_open(name, O_RDONLY)));
	name[256] = '\0';
	claim("a-queue-name-of-255-bytes-is-not-too-long", outcome(mq_open(name, O_RDONLY)));

	in_a_child(without_descriptors);

	char text[65] = "";
	claim("mq_send-fails-with-EMSGSIZE-if-the-message-is-longer-than-mq_msgsize", outcome(mq_send(mq, text, 65, 0)));
	claim("mq_receive-with-O_NONBLOCK-fails-with-EAGAIN-if-the-queue-is-empty", outcome(mq_receive(mq, text, 64, NULL)));
	mqd_t reader = must(mq_open(NAME, O_RDONLY));
	claim("mq_send-fails-with-EBADF-if-the-descriptor-is-not-open-for-writing", outcome(mq_send(reader, "x", 1, 0)));
	must(mq_unlink(NAME));
	return 0;
}
