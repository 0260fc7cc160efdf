/* A free place goes straight to a waiting sender: the first to wait, whatever the priority of its message. */
#include "../../c/claim.h"
#include "../../c/waiters.h"

#define NAME "/waiting_senders"

int main(void) {
	create(NAME, 2);
	post("1st of A", 0);
	post("2nd of A", 0);
	struct waiter b = waiting_to_send("of B", 1), c = waiting_to_send("of C", 9);
	claim("a-message-of-a-waiting-sender-cannot-be-received", next());
	claim("a-waiting-sender-gets-the-free-place-at-once", curmsgs());
	mqd_t newcomer = must(mq_open(NAME, O_WRONLY | O_NONBLOCK));
	claim("a-newcomer-cannot-take-the-place-of-a-waiting-sender",
	      outcome(mq_send(newcomer, "of the newcomer", 15, 0)));
	claim("mq_send-of-a-waiting-sender-succeeds-when-it-gets-the-place", answer(b));
	claim("a-high-priority-does-not-let-a-sender-overtake", next());
	answer(c);
	claim("a-message-that-gets-its-place-is-ordered-by-priority", next());
	next();
	must(mq_close(newcomer));

	/* Only descriptors that can send are left. */
	must(mq_close(mq));
	mq = must(mq_open(NAME, O_WRONLY));
	post("3rd of A", 0);
	post("4th of A", 0);
	struct waiter d = waiting_to_send("of D", 0);
	must(mq_close(mq));
	mq = must(mq_open(NAME, O_RDWR));
	next();
	claim("a-sender-waits-even-if-no-process-can-receive", answer(d));

	struct waiter e = waiting_to_send("of E", 0);
	must(mq_unlink(NAME));
	next();
	claim("mq_unlink-does-not-end-the-wait-of-a-sender", answer(e));
	must(mq_close(mq));
	return 0;
}
