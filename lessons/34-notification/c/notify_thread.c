/* With SIGEV_THREAD glibc calls a function in a new thread; the kernel only writes to a socket of glibc. */
#define _GNU_SOURCE /* gettid */
#include "../../c/entries.h"
#include "../../c/notify.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <pthread.h>

#define NAME "/notify_thread"

/* One call of the function. */
struct call {
	int value;
	pid_t pid, tid;
	bool accepts_the_signal;
};

static mqd_t mq;    /* the child inherits it */
static int told[2]; /* a pipe from the function to the main thread */

static void function(union sigval value) {
	sigset_t mask;
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	struct call call = {value.sival_int, getpid(), gettid(), !sigismember(&mask, SIGUSR1)};
	must(write(told[1], &call, sizeof call));
}

static struct call next_call(void) {
	struct call call;
	must(read(told[0], &call, sizeof call));
	return call;
}

static void b(int a) {
	must(pipe(told));
	blocked_signal(SIGUSR1);
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD, .sigev_value.sival_int = 7, .sigev_notify_function = function};
	must(mq_notify(mq, &event));
	claim("the-first-SIGEV_THREAD-registration-makes-a-helper-thread", threads());
	claim("the-first-SIGEV_THREAD-registration-makes-a-netlink-socket", netlink_sockets());
	claim("NOTIFY-is-2-for-SIGEV_THREAD", queue_status(mq, "NOTIFY:"));

	tell(a, "send");
	struct call call = next_call();
	claim("the-function-gets-the-value-of-the-registration", call.value);
	claim("the-function-runs-in-the-registered-process", (bool)(call.pid == getpid()));
	claim("the-thread-of-the-function-blocks-no-signal", call.accepts_the_signal);
}

int main(void) {
	pid_t pid;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr));
	int end = begin(b, &pid);
	hear(end);
	must(mq_send(mq, "first", 5, 0));
	finish(pid);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
