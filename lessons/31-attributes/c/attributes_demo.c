/* mq_getattr shows four attributes of a queue, and mq_setattr can change only one bit of them, O_NONBLOCK. */
#include "../../c/claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <unistd.h>

#define NAME "/attributes_demo"

static struct mq_attr attributes(mqd_t mq) {
	struct mq_attr attr;
	must(mq_getattr(mq, &attr));
	return attr;
}

int main(void) {
	/* mq_open reads only mq_maxmsg and mq_msgsize. */
	struct mq_attr wish = {.mq_flags = O_NONBLOCK, .mq_maxmsg = 3, .mq_msgsize = 64, .mq_curmsgs = 2};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &wish));
	claim("mq_open-ignores-mq_flags-in-attr", attributes(mq).mq_flags);
	claim("mq_open-ignores-mq_curmsgs-in-attr", attributes(mq).mq_curmsgs);

	char buffer[64];
	must(mq_send(mq, "hello", 5, 0));
	must(mq_send(mq, "hello again", 11, 5));
	claim("mq_curmsgs-counts-messages-and-not-bytes", attributes(mq).mq_curmsgs);
	must(mq_send(mq, "", 0, 0));
	claim("an-empty-message-counts-in-mq_curmsgs", attributes(mq).mq_curmsgs);
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	claim("mq_receive-decrements-mq_curmsgs", attributes(mq).mq_curmsgs);

	mqd_t writer = must(mq_open(NAME, O_WRONLY));
	claim("mq_getattr-shows-mq_curmsgs-to-a-process-that-cannot-receive", attributes(writer).mq_curmsgs);
	claim("mq_flags-does-not-contain-the-access-mode", attributes(writer).mq_flags);
	must(mq_close(writer));

	struct mq_attr old;
	wish = (struct mq_attr){.mq_flags = O_NONBLOCK, .mq_maxmsg = 100, .mq_msgsize = 1};
	claim("mq_setattr-with-another-mq_maxmsg-succeeds", outcome(mq_setattr(mq, &wish, &old)));
	claim("mq_setattr-leaves-mq_maxmsg-unchanged", attributes(mq).mq_maxmsg);
	claim("mq_setattr-leaves-mq_msgsize-unchanged", attributes(mq).mq_msgsize);
	claim("mq_setattr-leaves-the-messages-in-the-queue", attributes(mq).mq_curmsgs);
	mqd_t sender = must(mq_open(NAME, O_WRONLY | O_NONBLOCK));
	must(mq_send(sender, "the third", 9, 0));
	claim("mq_setattr-cannot-make-room-in-a-full-queue", outcome(mq_send(sender, "the fourth", 10, 0)));
	must(mq_close(sender));
	claim("mq_setattr-returns-the-flags-from-before-the-call", old.mq_flags);
	claim("mq_setattr-also-returns-the-old-mq_curmsgs", old.mq_curmsgs);
	wish = (struct mq_attr){.mq_flags = O_NONBLOCK, .mq_maxmsg = -1, .mq_msgsize = -1, .mq_curmsgs = -1};
	claim("mq_setattr-does-not-check-the-fields-that-it-ignores", outcome(mq_setattr(mq, &wish, NULL)));

	/* This would clear O_NONBLOCK too, if the call did not fail. */
	wish = (struct mq_attr){.mq_flags = O_APPEND};
	claim("mq_setattr-refuses-a-flag-other-than-O_NONBLOCK", outcome(mq_setattr(mq, &wish, NULL)));
	claim("a-refused-mq_setattr-changes-no-flag", attributes(mq).mq_flags);
	mqd_t reader = must(mq_open(NAME, O_RDONLY));
	wish = (struct mq_attr){.mq_flags = O_NONBLOCK};
	claim("mq_setattr-needs-no-write-permission", outcome(mq_setattr(reader, &wish, NULL)));
	must(mq_close(reader));
	must(mq_close(mq));
	must(mq_unlink(NAME));

	int ends[2];
	must(pipe(ends));
	claim("mq_getattr-of-a-pipe-is-EBADF", outcome(mq_getattr(ends[0], &old)));
	claim("mq_setattr-of-a-pipe-is-EBADF", outcome(mq_setattr(ends[0], &wish, NULL)));
	return 0;
}
