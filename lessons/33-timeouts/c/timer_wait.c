/* One timer limits several waits, and a step of the clock moves its end only if it was set to a date. */
#include "../../c/claim.h"
#include "../../c/clock.h"
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define NAME "/timer_wait"
#define DURATION "setting-the-clock-does-not-move-a-timer-for-a-duration"
#define DATE "setting-the-clock-past-its-date-makes-a-timer-of-CLOCK_REALTIME-expire"
#define CANCELED "a-timer-with-TFD_TIMER_CANCEL_ON_SET-tells-that-the-clock-was-set"

static mqd_t mq;
static int timer;
static char buffer[16];
static struct pollfd fds[2];

/* Waits for a message or for the timer. */
static void wait_for_either(int timeout) {
	fds[0] = (struct pollfd){.fd = mq, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = timer, .events = POLLIN};
	must(poll(fds, 2, timeout));
}

/* Makes a timer, and starts it. It expires once. */
static int start(int clock, int flags, struct timespec value) {
	int fd = must(timerfd_create(clock, 0));
	struct itimerspec once = {.it_value = value};
	must(timerfd_settime(fd, flags, &once, NULL));
	return fd;
}

static bool is_readable(int fd) {
	struct pollfd asked = {.fd = fd, .events = POLLIN};
	return must(poll(&asked, 1, 0)) == 1;
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	timer = start(CLOCK_MONOTONIC, 0, (struct timespec){.tv_nsec = 40000000});
	must(mq_send(mq, "not this one", 12, 0));
	wait_for_either(-1);
	claim("poll-with-a-timer-reports-a-message", (bool)(fds[0].revents & POLLIN));
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	wait_for_either(-1);
	claim("a-timer-ends-a-poll-of-an-empty-queue", (bool)(fds[0].revents == 0 && fds[1].revents & POLLIN));
	wait_for_either(0);
	claim("a-timer-that-has-expired-stays-readable", (bool)(fds[1].revents & POLLIN));
	uint64_t expirations;
	must(read(timer, &expirations, sizeof expirations));
	claim("read-returns-how-often-the-timer-has-expired", expirations);
	wait_for_either(0);
	claim("after-read-the-timer-is-not-readable", (bool)(fds[1].revents & POLLIN));
	must(mq_close(mq));
	must(mq_unlink(NAME));

	if (!clock_is_ours() || geteuid() != 0) {
		claim(DURATION, "not seen");
		claim(DATE, "not seen");
		claim(CANCELED, "not seen");
		return 0;
	}
	struct timespec hour = {.tv_sec = 3600}, date;
	must(clock_gettime(CLOCK_REALTIME, &date));
	date.tv_sec += 3600;
	int for_an_hour = start(CLOCK_REALTIME, 0, hour);
	int until_then = start(CLOCK_REALTIME, TFD_TIMER_ABSTIME, date);
	date.tv_sec += 7200;
	int tells = start(CLOCK_REALTIME, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, date);
	step_clock(2);
	claim(DURATION, is_readable(for_an_hour));
	claim(DATE, is_readable(until_then));
	claim(CANCELED, outcome(read(tells, &expirations, sizeof expirations)));
	step_clock(-2); /* what it was */
	return 0;
}
