/* Setting CLOCK_REALTIME moves the end of a wait for a message, but not the end of poll. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>

#define NAME "/realtime_step"
#define PERMISSION "ipc-workbook-may-set-the-clock"
#define FORWARD "setting-the-clock-past-the-date-ends-the-wait"
#define BACK "setting-the-clock-back-makes-a-wait-longer"
#define CANCELED "a-timer-with-TFD_TIMER_CANCEL_ON_SET-tells-that-the-clock-was-set"

static mqd_t mq;
static struct timespec date;
static char buffer[16];

/* Only a machine that was started for it may have its clock set: all its programs share the clock. */
static bool clock_is_ours(void) {
	char line[4096] = "";
	FILE *cmdline = fopen("/proc/cmdline", "r");
	if (cmdline == NULL || fgets(line, sizeof line, cmdline) == NULL)
		return false;
	fclose(cmdline);
	for (char *word = strtok(line, " \n"); word != NULL; word = strtok(NULL, " \n"))
		if (strcmp(word, PERMISSION) == 0)
			return true;
	return false;
}

static void step_clock(int hours) {
	struct timespec now;
	must(clock_gettime(CLOCK_REALTIME, &now));
	now.tv_sec += hours * 3600;
	must(clock_settime(CLOCK_REALTIME, &now));
}

static void waits_until_date(int a) {
	tell(a, outcome(mq_timedreceive(mq, buffer, sizeof buffer, NULL, &date)));
}

int main(void) {
	struct timespec hour = {.tv_sec = 3600};
	claim("nobody-can-set-CLOCK_MONOTONIC", clock_settime(CLOCK_MONOTONIC, &hour) == -1 ? "true" : "false");
	if (!clock_is_ours() || geteuid() != 0) {
		claim(FORWARD, "not seen");
		claim(BACK, "not seen");
		claim(CANCELED, "not seen");
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

	struct itimerspec ten_hours = {.it_value = date};
	ten_hours.it_value.tv_sec += 36000;
	int timer = must(timerfd_create(CLOCK_REALTIME, 0));
	must(timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &ten_hours, NULL));
	step_clock(2);
	uint64_t expirations;
	claim(CANCELED, outcome(read(timer, &expirations, sizeof expirations)));

	step_clock(-3); /* what it was */
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
