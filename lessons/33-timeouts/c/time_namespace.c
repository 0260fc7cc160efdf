/* A time namespace can move CLOCK_MONOTONIC, but not CLOCK_REALTIME, the clock of a queue's timeouts. */
#define _GNU_SOURCE /* unshare */
#include "../../c/apart.h"
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <mqueue.h>
#include <sys/syscall.h>
#include <time.h>

#define NAME "/time_namespace"
#define OFFSETS "/proc/self/timens_offsets"
#define REFUSED "a-time-namespace-refuses-an-offset-for-CLOCK_REALTIME"
#define AHEAD "in-a-time-namespace-CLOCK_MONOTONIC-can-be-a-day-ahead"
#define DATE "a-time-namespace-does-not-move-the-date-of-mq_timedreceive"

static mqd_t mq;
static struct timespec date;
static char buffer[16];

static const char *set_offset(const char *offset) {
	int fd = must(open(OFFSETS, O_WRONLY));
	const char *result = outcome(write(fd, offset, strlen(offset)));
	must(close(fd));
	return result;
}

static void b(int a) {
	struct timespec before, after;
	must(clock_gettime(CLOCK_MONOTONIC, &before));
	if (enter_user_namespace(0, 0, CLONE_NEWTIME) == -1 && unshare(CLONE_NEWTIME) == -1) {
		claim(REFUSED, "not seen");
		claim(AHEAD, "not seen");
		tell(a, "not seen");
		return;
	}
	claim(REFUSED, set_offset("realtime 86400 0"));
	put(OFFSETS, "monotonic 86400 0");
	must(setns(must(open("/proc/self/ns/time_for_children", O_RDONLY)), CLONE_NEWTIME));
	must(clock_gettime(CLOCK_MONOTONIC, &after));
	claim(AHEAD, (bool)(after.tv_sec - before.tv_sec >= 86400));
	tell(a, "waits");
	tell(a, outcome(mq_timedreceive(mq, buffer, sizeof buffer, NULL, &date)));
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(clock_gettime(CLOCK_REALTIME, &date));
	date.tv_sec += 3600;

	pid_t pid;
	int end = begin(b, &pid);
	if (strcmp(hear(end), "waits") == 0) {
		until_asleep_in(pid, SYS_mq_timedreceive);
		must(mq_send(mq, "for B", 5, 0));
		claim(DATE, hear(end));
	} else {
		claim(DATE, "not seen");
	}
	finish(pid);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
