/* A thread receives and writes; the first thread only waits for its end. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct timespec date;
static mqd_t mq;

static long long nanoseconds(struct timespec time) {
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void *receiver(void *unused) {
	(void)unused;
	struct mq_attr attr;
	mq_getattr(mq, &attr);
	char *message = malloc(attr.mq_msgsize);
	for (;;) {
		struct timespec now;
		timespec_get(&now, TIME_UTC);
		if (nanoseconds(now) >= nanoseconds(date))
			return (void *)(intptr_t)4;
		ssize_t length = mq_timedreceive(mq, message, attr.mq_msgsize, NULL, &date);
		if (length == -1) {
			if (errno != EINTR && errno != ETIMEDOUT)
				return (void *)(intptr_t)1;
		} else if (length == 3 && memcmp(message, "end", 3) == 0) {
			return NULL;
		} else {
			printf("%.*s\n", (int)length, message);
			fflush(stdout);
		}
	}
}

int main(int argc, char **argv) {
	timespec_get(&date, TIME_UTC);
	char *rest = "";
	long limit = argc == 3 ? strtol(argv[2], &rest, 10) : 0;
	if (limit < 1 || *rest != '\0')
		return 2;
	long long end = nanoseconds(date) + limit * 1000000LL;
	date = (struct timespec){.tv_sec = end / 1000000000, .tv_nsec = end % 1000000000};
	mq = mq_open(argv[1], O_RDONLY);
	if (mq == (mqd_t)-1)
		return errno == ENOENT ? 3 : 1;
	pthread_t thread;
	void *code;
	if (pthread_create(&thread, NULL, receiver, NULL) != 0 || pthread_join(thread, &code) != 0)
		return 1;
	return (int)(intptr_t)code;
}
