/* A message goes straight to the receiver that has waited longest, be it a process or a thread. */
#define _GNU_SOURCE
#include "../../c/claim.h"
#include "../../c/waiters.h"
#include <pthread.h>

#define NAME "/waiting_receivers"

static char second[65];
static pid_t thread; /* its id; 0 until it runs */

static void *receive_too(void *unused) {
	__atomic_store_n(&thread, gettid(), __ATOMIC_SEQ_CST);
	must(mq_receive(mq, second, 64, NULL));
	return unused;
}

/* A second thread waits first, and then this one. */
static void two_threads(int a) {
	pthread_t id;
	if (pthread_create(&id, NULL, receive_too, NULL) != 0)
		die("pthread_create");
	while (__atomic_load_n(&thread, __ATOMIC_SEQ_CST) == 0)
		usleep(1000);
	until_asleep(thread);
	tell(a, "waits now");
	must(mq_receive(mq, buffer, 64, NULL));
	pthread_join(id, NULL);
	char both[160];
	snprintf(both, sizeof both, "%s, then %s", second, buffer);
	tell(a, both);
}

int main(void) {
	create(NAME, 4);
	struct waiter b = waiting(receives), c = waiting(receives), d = waiting(receives);
	post("first", 1);
	post("second", 5);
	post("third", 1);
	claim("a-message-for-a-waiting-receiver-does-not-enter-the-queue", curmsgs());
	mqd_t newcomer = must(mq_open(NAME, O_RDONLY | O_NONBLOCK));
	claim("no-other-receiver-can-take-a-message-that-was-handed-over",
	      outcome(mq_receive(newcomer, buffer, 64, NULL)));
	post("fourth", 5);
	claim("a-message-enters-the-queue-if-no-receiver-waits", curmsgs());
	claim("the-receiver-that-waits-longest-gets-the-first-message", answer(b));
	claim("a-high-priority-does-not-choose-the-receiver", answer(c));
	claim("each-waiting-receiver-gets-one-message", answer(d));
	next();

	struct waiter e = waiting(two_threads);
	post("message 1", 0);
	long left = curmsgs();
	post("message 2", 0);
	claim("a-thread-that-waits-is-given-a-message-like-a-process", left);
	claim("each-waiting-thread-of-a-process-gets-a-message-of-its-own", answer(e));
	must(mq_close(newcomer));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
