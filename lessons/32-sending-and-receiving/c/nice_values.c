/* Of several processes that wait, the one with the lower nice value is served first. */
#include "../../c/claim.h"
#include "../../c/waiters.h"

#define NAME "/nice_values"

static bool is_highest; /* no child can have a higher nice value than this process */

static void claim_if_seen(const char *id, const char *got) {
	claim(id, is_highest ? "not seen" : got);
}

/* Sends two messages to two children that wait. Returns the one that `asked` gets. */
static const char *message_of(struct waiter asked, struct waiter other) {
	static char got[64];
	post("message 1", 0);
	post("message 2", 0);
	strcpy(got, answer(asked));
	answer(other);
	return got;
}

int main(void) {
	is_highest = getpriority(PRIO_PROCESS, 0) == 19;
	create(NAME, 2);

	stands_back = true;
	struct waiter b = waiting(receives);
	stands_back = false;
	struct waiter c = waiting(receives);
	claim_if_seen("a-receiver-with-a-lower-nice-value-overtakes-one-that-waits", message_of(c, b));

	struct waiter d = waiting(receives), e = waiting(receives);
	stand_back(d.pid);
	claim_if_seen("a-new-nice-value-does-not-move-a-receiver-that-waits", message_of(d, e));

	struct waiter f = waiting(receives);
	stand_back(f.pid);
	struct waiter g = waiting(receives);
	claim_if_seen("a-receiver-that-begins-to-wait-overtakes-one-with-a-raised-nice-value", message_of(g, f));

	post("1st of A", 0);
	post("2nd of A", 0);
	stands_back = true;
	struct waiter h = waiting_to_send("of H", 0);
	stands_back = false;
	struct waiter i = waiting_to_send("of I", 0);
	next();
	next();
	claim_if_seen("a-sender-with-a-lower-nice-value-overtakes-one-that-waits", next());
	answer(i);
	answer(h);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
