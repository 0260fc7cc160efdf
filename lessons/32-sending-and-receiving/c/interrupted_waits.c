/* A signal ends a wait in mq_receive or mq_send, or sends the process to the end of the line. */
#include "../../c/claim.h"
#include "../../c/waiters.h"

#define NAME "/interrupted_waits"

static struct waiter waiting_with_handler(void (*play)(int), int sa_flags) {
	handler = sa_flags;
	struct waiter waiter = waiting(play);
	handler = -1;
	return waiter;
}

int main(void) {
	create(NAME, 1);
	struct waiter b = waiting_with_handler(receives, 0);
	must(kill(b.pid, SIGUSR1));
	claim("a-handler-without-SA_RESTART-ends-mq_receive-with-EINTR", answer(b));

	struct waiter c = waiting_with_handler(receives, SA_RESTART), d = waiting(receives);
	must(kill(c.pid, SIGUSR1));
	until_asleep(c.pid);
	post("message 1", 0);
	post("message 2", 0);
	claim("mq_receive-waits-again-after-a-handler-with-SA_RESTART", answer(c));
	claim("a-restarted-mq_receive-waits-behind-the-others", answer(d));

	struct waiter e = waiting(receives);
	must(kill(e.pid, SIGSTOP));
	must(waitpid(e.pid, NULL, WUNTRACED));
	post("message 3", 0);
	claim("a-stopped-process-is-not-given-a-message", curmsgs());
	must(kill(e.pid, SIGCONT));
	claim("a-stop-does-not-end-mq_receive", answer(e));

	post("of A", 0);
	message = "of F";
	struct waiter f = waiting_with_handler(sends, 0);
	must(kill(f.pid, SIGUSR1));
	claim("a-handler-without-SA_RESTART-ends-mq_send-with-EINTR", answer(f));
	next();
	claim("a-message-that-mq_send-refused-with-EINTR-is-not-added", curmsgs());

	post("of A", 0);
	message = "of G";
	struct waiter g = waiting_with_handler(sends, SA_RESTART), h = waiting_to_send("of H", 0);
	must(kill(g.pid, SIGUSR1));
	until_asleep(g.pid);
	next();
	claim("a-restarted-mq_send-waits-behind-the-others", next());
	answer(h);
	claim("mq_send-waits-again-after-a-handler-with-SA_RESTART", answer(g));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
