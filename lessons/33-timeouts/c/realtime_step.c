/* Setting CLOCK_REALTIME moves the end of a wait for a message, but not the end of poll. */
#include "../../c/claim.h"
#include "../../c/clock.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/syscall.h>

#define NAME "/realtime_step"
#define FORWARD "setting-the-clock-past-the-date-ends-the-wait"
#define BACK "setting-the-clock-back-makes-a-wait-longer"

static mqd_t mq;
static struct timespec date;
static char buffer[16];

static void waits_until_date(int a) {
	tell(a, outcome(mq_timedreceive(mq, buffer, sizeof buffer, NULL, &date)));
}

int main(void) {
	struct timespec hour = {.tv_sec = 3600};
	claim("nobody-can-set-CLOCK_MONOTONIC", clock_settime(CLOCK_MONOTONIC, &hour) == -1 ? "true" : "false");
	if (!clock_is_ours() || geteuid() != 0) {
		claim(FORWARD, "not seen");
		claim(BACK, "not seen");
		return 0;
	}
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));

	pid_t pid;
	must(clock_gettime(CLOCK_REALTIME, &date));
	date.tv_sec += 3600;
	int end = begin(waits_until_date, &pid);
	until_asleep_in(pid, SYS_mq_timedreceive);
	step_clock(2);
	claim(FORWARD, hear(end));
	finish(pid);

	must(clock_gettime(CLOCK_REALTIME, &date));
	date.tv_sec++;
	end = begin(waits_until_date, &pid);
	until_asleep_in(pid, SYS_mq_timedreceive);
	step_clock(-1);
	sleep(2);
	must(mq_send(mq, "not too late", 12, 0));
	claim(BACK, hear(end));
	finish(pid);

	step_clock(-1); /* what it was */
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
