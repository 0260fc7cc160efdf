/* A timeout is a date of CLOCK_REALTIME: a duration, or a time of another clock, has passed long ago. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <time.h>

#define NAME "/deadline_not_duration"

static mqd_t mq;
static char buffer[16];

static struct timespec from_now(long milliseconds) {
	struct timespec date;
	must(clock_gettime(CLOCK_REALTIME, &date));
	date.tv_nsec += milliseconds * 1000000;
	if (date.tv_nsec >= 1000000000) { /* without this, one call in 25 is EINVAL */
		date.tv_sec++;
		date.tv_nsec -= 1000000000;
	}
	return date;
}

static bool has_passed(struct timespec date) {
	struct timespec now = from_now(0);
	return now.tv_sec > date.tv_sec || (now.tv_sec == date.tv_sec && now.tv_nsec >= date.tv_nsec);
}

static int receive(struct timespec date) {
	return mq_timedreceive(mq, buffer, sizeof buffer, NULL, &date);
}

static struct timespec soon;

static void b(int end) {
	(void)end;
	bool timed_out = receive(soon) == -1 && errno == ETIMEDOUT;
	claim("a-date-is-the-same-moment-in-another-process", (bool)(timed_out && has_passed(soon)));
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 3, .mq_msgsize = 16};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	struct timespec three_seconds = {.tv_sec = 3};
	claim("3-seconds-as-a-timeout-is-the-third-second-of-1970", outcome(receive(three_seconds)));

	soon = from_now(40);
	bool timed_out = receive(soon) == -1 && errno == ETIMEDOUT;
	claim("mq_timedreceive-does-not-give-up-before-its-date", (bool)(timed_out && has_passed(soon)));

	for (int i = 0; i < 3; i++)
		must(mq_send(mq, "full", 4, 0));
	soon = from_now(40);
	timed_out = mq_timedsend(mq, "fourth", 6, 0, &soon) == -1 && errno == ETIMEDOUT;
	claim("mq_timedsend-does-not-give-up-before-its-date", (bool)(timed_out && has_passed(soon)));

	for (int i = 0; i < 3; i++)
		must(mq_receive(mq, buffer, sizeof buffer, NULL));
	struct timespec hour;
	must(clock_gettime(CLOCK_MONOTONIC, &hour));
	hour.tv_sec += 3600;
	claim("a-date-of-CLOCK_MONOTONIC-passed-in-1970", outcome(receive(hour)));

	struct timespec until = from_now(20);
	for (int i = 0; i < 3; i++)
		must(mq_send(mq, "work", 4, 0));
	clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL);
	int received = 0;
	while (receive(until) != -1)
		received++;
	claim("a-date-that-has-passed-does-not-end-a-loop-while-messages-are-there", received);

	soon = from_now(40);
	in_a_child(b);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
