/* Receives messages until a deadline: PROGRAM /NAME MILLISECONDS */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Returns 0 if the text is not a number from 1 on. */
static long number(const char *text) {
	char *end;
	long n = strtol(text, &end, 10);
	return *text != '\0' && *end == '\0' && n > 0 ? n : 0;
}

static struct timespec now(void) {
	struct timespec time;
	clock_gettime(CLOCK_REALTIME, &time);
	return time;
}

static struct timespec from_now(long milliseconds) {
	struct timespec date = now();
	date.tv_sec += milliseconds / 1000;
	date.tv_nsec += milliseconds % 1000 * 1000000;
	if (date.tv_nsec >= 1000000000) {
		date.tv_sec++;
		date.tv_nsec -= 1000000000;
	}
	return date;
}

static bool has_passed(struct timespec date) {
	struct timespec time = now();
	return time.tv_sec > date.tv_sec || (time.tv_sec == date.tv_sec && time.tv_nsec >= date.tv_nsec);
}

int main(int argc, char **argv) {
	long milliseconds = argc == 3 ? number(argv[2]) : 0;
	if (milliseconds == 0) {
		fprintf(stderr, "use: %s /NAME MILLISECONDS\n", argv[0]);
		return 2;
	}
	struct timespec deadline = from_now(milliseconds);
	mqd_t mq = mq_open(argv[1], O_RDONLY);
	struct mq_attr attr;
	if (mq == (mqd_t)-1 || mq_getattr(mq, &attr) == -1) {
		int code = errno == ENOENT ? 3 : 1;
		perror(argv[1]);
		return code;
	}
	char *message = malloc(attr.mq_msgsize);
	/* While messages are there, mq_timedreceive does not look at the deadline. */
	while (!has_passed(deadline)) {
		ssize_t length = mq_timedreceive(mq, message, attr.mq_msgsize, NULL, &deadline);
		if (length == -1 && errno == ETIMEDOUT)
			break;
		if (length == -1 && errno == EINTR)
			continue; /* until the same deadline */
		if (length == -1) {
			perror("mq_timedreceive");
			return 1;
		}
		if (length == 3 && memcmp(message, "end", 3) == 0)
			return 0;
		fwrite(message, 1, length, stdout);
		putchar('\n');
		fflush(stdout);
	}
	return 4;
}
