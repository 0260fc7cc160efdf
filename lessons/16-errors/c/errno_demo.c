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
	claim("EACCES-says-that-the-mode-does-not-grant-it", outcome(mq_open(NAME, O_WRONLY)));
}

static void without_descriptors(int end) {
	(void)end;
	must(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, 0}));
	claim("EMFILE-says-that-descriptors-are-used-up", outcome(mq_open(NAME, O_RDONLY)));
}

int main(void) {
	claim("ENOENT-says-that-nothing-has-the-name", outcome(mq_open(NAME, O_RDONLY)));
	claim("ENOENT-also-when-unlinking", outcome(mq_unlink(NAME)));
	mqd_t mq = must(create());
	claim("EEXIST-says-that-the-name-is-taken", outcome(create()));
	in_a_child(without_capabilities);

	struct mq_attr none = {.mq_maxmsg = 0, .mq_msgsize = 64};
	claim("EINVAL-says-that-a-priority-is-too-high", outcome(mq_send(mq, "x", 1, 32768)));
	claim("EINVAL-says-that-an-attribute-is-out-of-range",
		  outcome(mq_open("/errno_demo_2", O_CREAT | O_EXCL | O_RDWR, 0600, &none)));

	char name[258] = "/";
	memset(name + 1, 'n', 256);
	claim("ENAMETOOLONG-from-256-bytes-on", outcome(mq_open(name, O_RDONLY)));
	name[256] = '\0';
	claim("255-bytes-are-not-too-many", outcome(mq_open(name, O_RDONLY)));

	in_a_child(without_descriptors);

	char text[65] = "";
	claim("EMSGSIZE-says-that-a-message-is-longer-than-mq_msgsize", outcome(mq_send(mq, text, 65, 0)));
	claim("EAGAIN-says-that-the-call-would-wait", outcome(mq_receive(mq, text, 64, NULL)));
	mqd_t reader = must(mq_open(NAME, O_RDONLY));
	claim("EBADF-says-that-the-descriptor-is-not-open-for-writing", outcome(mq_send(reader, "x", 1, 0)));
	must(mq_unlink(NAME));
	return 0;
}
