/* A worker thread sends, with a pause by poll before each order, and a monitor thread reports what it sees. */
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static mqd_t mq;
static long count;

static void *work(void *unused) {
	struct mq_attr attr;
	mq_getattr(mq, &attr);
	for (long order = attr.mq_curmsgs + 1; order <= count; order++) {
		char text[16];
		poll(NULL, 0, 20);
		snprintf(text, sizeof text, "%ld", order);
		mq_send(mq, text, strlen(text), 0);
	}
	return unused;
}

static void *monitor(void *unused) {
	for (;;) {
		struct mq_attr attr;
		if (mq_getattr(mq, &attr) == 0)
			fprintf(stderr, "%ld of %ld orders\n", attr.mq_curmsgs, count);
		sleep(1);
	}
	return unused;
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	count = strtol(argv[2], NULL, 10);
	struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = 16};
	mq = mq_open(argv[1], O_CREAT | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1)
		return 1;
	if (flock(mq, LOCK_EX | LOCK_NB) == -1)
		return 3;
	pthread_t worker, watcher;
	pthread_create(&watcher, NULL, monitor, NULL);
	pthread_create(&worker, NULL, work, NULL);
	pthread_join(worker, NULL);
	return 0;
}
