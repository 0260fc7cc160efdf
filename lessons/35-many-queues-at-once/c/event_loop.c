/* One epoll set waits for two queues, a timer and a signal. */
#include "../../c/claim.h"
#include "../../c/polling.h"
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define NAME "/event_loop"

int main(void) {
	mqd_t jobs = nameless(NAME), control = nameless(NAME);
	int timer = must(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	must(sigprocmask(SIG_BLOCK, &signals, NULL));
	int signal = must(signalfd(-1, &signals, SFD_CLOEXEC));
	int set = must(epoll_create1(EPOLL_CLOEXEC));
	must(enter(set, EPOLL_CTL_ADD, jobs, EPOLLIN, 1));
	must(enter(set, EPOLL_CTL_ADD, control, EPOLLIN, 2));
	must(enter(set, EPOLL_CTL_ADD, timer, EPOLLIN, 3));
	must(enter(set, EPOLL_CTL_ADD, signal, EPOLLIN, 4));

	struct itimerspec soon = {.it_value.tv_nsec = 1};
	uint64_t expirations;
	must(timerfd_settime(timer, 0, &soon, NULL));
	claim("an-expired-timer-ends-the-wait-for-the-queues", ready(set, -1));
	must(read(timer, &expirations, sizeof expirations));
	claim("read-returns-how-often-the-timer-expired", expirations);
	claim("after-read-the-timer-is-no-event", ready(set, 0));

	struct signalfd_siginfo info;
	must(mq_send(jobs, "job", 3, 0));
	must(mq_send(control, "stop", 4, 0));
	must(kill(getpid(), SIGUSR1));
	claim("one-epoll_wait-reports-queues-and-signals-together", ready(set, -1));
	must(read(signal, &info, sizeof info));
	claim("a-signal-of-the-loop-is-read-as-data", info.ssi_signo);
	must(mq_close(jobs));
	must(mq_close(control));
	return 0;
}
