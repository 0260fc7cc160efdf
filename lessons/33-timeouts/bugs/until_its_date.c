/* Works on messages until a date, and leaves the others to the next run. The date is now, and three
 * messages are there. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static bool has_passed(struct timespec date) {
	return time(NULL) >= date.tv_sec;
}

int main(void) {
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};
	mqd_t mq = mq_open("/bug_until", O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	mq_unlink("/bug_until");
	for (int i = 0; i < 3; i++)
		mq_send(mq, "work", 4, 0);
	struct timespec date = {.tv_sec = time(NULL)};
	char buffer[16];
	bool goes_on = true;
	while (goes_on) /* BUG */
		goes_on = mq_timedreceive(mq, buffer, sizeof buffer, NULL, &date) != -1;
	mq_getattr(mq, &attr);
	printf("left: %ld\n", attr.mq_curmsgs);
	printf("the date %s\n", has_passed(date) ? "has passed" : "is to come");
	return mq_close(mq);
}
