/* A stopped process does not wait in its call: the call is made again when the process continues. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/syscall.h>
#include <time.h>

#define NAME "/stopped_wait"

static mqd_t mq;
static char buffer[16];
static struct timespec soon;

static void waits_until_soon(int a) {
	tell(a, outcome(mq_timedreceive(mq, buffer, sizeof buffer, NULL, &soon)));
}

/* Begins a process that waits for 300 milliseconds, and stops it until they have passed. */
static int begin_and_stop(pid_t *pid) {
	must(clock_gettime(CLOCK_REALTIME, &soon));
	soon.tv_nsec += 300000000;
	if (soon.tv_nsec >= 1000000000) {
		soon.tv_sec++;
		soon.tv_nsec -= 1000000000;
	}
	int end = begin(waits_until_soon, pid);
	until_asleep_in(*pid, SYS_mq_timedreceive);
	must(kill(*pid, SIGSTOP));
	must(waitpid(*pid, NULL, WUNTRACED));
	clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &soon, NULL);
	return end;
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));

	pid_t pid;
	int end = begin_and_stop(&pid);
	must(kill(pid, SIGCONT));
	claim("a-stopped-process-misses-its-date", hear(end));
	finish(pid);

	end = begin_and_stop(&pid);
	must(mq_send(mq, "too late?", 9, 0));
	must(mq_getattr(mq, &attr));
	claim("a-stopped-process-does-not-take-the-message-that-it-waited-for", attr.mq_curmsgs);
	must(kill(pid, SIGCONT));
	claim("a-stopped-process-still-receives-a-message-from-after-its-date", hear(end));
	finish(pid);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
