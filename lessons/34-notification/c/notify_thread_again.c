/* If the process registers again before the function of SIGEV_THREAD returns, it can run twice at once. */
#include "../../c/entries.h"
#include "../../c/notify.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <pthread.h>

#define NAME "/notify_thread_again"

static mqd_t mq;    /* the child inherits it */
static int told[2]; /* a pipe from the function to the main thread */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void function(union sigval value) {
	must(write(told[1], &value.sival_int, sizeof value.sival_int));
	pthread_mutex_lock(&gate); /* a call returns only when the main thread has opened the gate */
	pthread_mutex_unlock(&gate);
}

static int by_thread(int value) {
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD, .sigev_value.sival_int = value, .sigev_notify_function = function};
	return mq_notify(mq, &event);
}

static int next_call(void) {
	int value;
	must(read(told[0], &value, sizeof value));
	return value;
}

static void b(int a) {
	char buffer[64];
	must(pipe(told));
	pthread_mutex_lock(&gate);
	must(by_thread(1));
	tell(a, "send");
	hear(a);
	int first = next_call();

	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	must(by_thread(2));
	tell(a, "send");
	hear(a);
	int second = next_call();
	claim("two-calls-of-the-function-can-run-at-the-same-time", (bool)(first == 1 && second == 2));
	claim("a-second-registration-makes-no-second-socket", netlink_sockets());
	pthread_mutex_unlock(&gate);

	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	must(by_thread(3));
	must(mq_notify(mq, NULL));
	must(by_thread(4));
	tell(a, "send");
	hear(a);
	claim("the-helper-thread-survives-the-removal-of-a-registration", next_call());

	tell(a, "register");
	hear(a);
	claim("SIGEV_THREAD-gets-EBUSY-too-if-another-process-is-registered", outcome(by_thread(5)));
	tell(a, "end");
}

int main(void) {
	pid_t pid;
	struct sigevent nothing = {.sigev_notify = SIGEV_NONE};
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr));
	int end = begin(b, &pid);
	while (strcmp(hear(end), "send") == 0) {
		must(mq_send(mq, "hello", 5, 0));
		tell(end, "sent");
	}
	must(mq_notify(mq, &nothing));
	tell(end, "registered");
	finish(pid);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
