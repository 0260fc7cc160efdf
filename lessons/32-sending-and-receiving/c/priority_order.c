/* mq_receive takes the oldest message of the highest priority; a message of low priority can wait forever. */
#include "../../c/claim.h"
#include "../../c/waiters.h"
#include <limits.h>

#define NAME "/priority_order"
#define URGENT 1000

/* Returns the texts of the next messages, with a space between them. */
static const char *texts(int how_many) {
	static char words[64];
	strcpy(words, next());
	while (--how_many > 0) {
		strcat(words, " ");
		strcat(words, next());
	}
	return words;
}

int main(void) {
	create(NAME, 4);
	mqd_t here = must(mq_open(NAME, O_RDWR | O_NONBLOCK));
	post("first", 1);
	post("second", 5);
	post("third", 1);
	post("fourth", 5);
	claim("messages-of-equal-priority-come-in-the-order-of-sending", texts(2));
	claim("overtaken-messages-keep-their-order", texts(2));

	claim("sysconf-returns-32768-for-_SC_MQ_PRIO_MAX", must(sysconf(_SC_MQ_PRIO_MAX)));
	claim("MQ_PRIO_MAX-minus-1-is-a-valid-priority", outcome(mq_send(mq, "highest", 7, 32767)));
	claim("priority-minus-1-is-EINVAL", outcome(mq_send(mq, "negative", 8, UINT_MAX)));
	claim("a-message-refused-with-EINVAL-is-not-added", curmsgs());
	unsigned received;
	must(mq_receive(mq, buffer, 64, &received));
	claim("mq_receive-returns-priority-32767-unchanged", received);

	post("bulk", 0);
	int urgent = 0;
	for (int i = 0; i < URGENT; i++) {
		post("urgent", 1);
		must(mq_receive(mq, buffer, 64, &received));
		urgent += received == 1;
	}
	claim("urgent-messages-overtake-an-older-message-again-and-again", urgent);
	post("urgent", 1);
	post("ordinary", 0);
	claim("a-wait-does-not-raise-a-priority", texts(3));

	for (int i = 0; i < 4; i++)
		post("bulk", 0);
	claim("a-full-queue-refuses-a-message-of-any-priority", outcome(mq_send(here, "urgent", 6, 9)));
	must(mq_close(here));
	must(mq_close(mq));
	must(mq_unlink(NAME));

	create(NAME, 4);
	post("old", 0);
	next();
	post("new", 5);
	post("old", 5);
	claim("a-message-sent-again-is-the-youngest-of-its-priority", texts(2));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
