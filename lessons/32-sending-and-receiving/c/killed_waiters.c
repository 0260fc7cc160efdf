/* What becomes of a message if the process that waits to receive it, or to send it, is killed. */
#include "../../c/claim.h"
#include "../../c/waiters.h"

#define NAME "/killed_waiters"

int main(void) {
	create(NAME, 1);
	struct waiter b = waiting(receives);
	kill_and_reap(b.pid);
	post("message 1", 0);
	claim("a-receiver-killed-while-it-waits-takes-no-message", curmsgs());
	next();

	struct waiter c = waiting(receives);
	post("message 2", 0);
	kill_and_reap(c.pid);
	claim("a-message-handed-to-a-process-is-lost-if-that-process-is-killed", curmsgs());

	post("of A", 0);
	struct waiter d = waiting_to_send("of D", 0);
	kill_and_reap(d.pid);
	next();
	claim("the-message-of-a-sender-killed-while-it-waits-is-not-added", curmsgs());

	post("of A", 0);
	struct waiter e = waiting_to_send("of E", 0);
	next();
	kill_and_reap(e.pid);
	claim("a-message-that-got-its-place-stays-if-its-sender-is-killed", curmsgs());
	next();

	struct waiter f = waiting(receives);
	must(mq_unlink(NAME));
	post("message 3", 0);
	claim("mq_unlink-does-not-end-the-wait-of-a-receiver", answer(f));
	must(mq_close(mq));
	return 0;
}
