/* Two threads wait, each for one queue. Whichever wakes up moves one message, from the queue whose turn it is. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static mqd_t queues[2], out;
static bool ended[2];
static char *message;
static size_t size;
static int row;

static long check(long result, const char *what) {
	if (result == -1) {
		perror(what);
		exit(1);
	}
	return result;
}

/* Moves one message of this queue, with the lock held. Returns whether there was one. */
static bool move(int from) {
	if (ended[from])
		return false;
	ssize_t length;
	while ((length = mq_receive(queues[from], message, size, NULL)) == -1 && errno == EINTR)
		;
	if (length == -1 && errno == EAGAIN)
		return false;
	check(length, "mq_receive");
	if (length == 0) {
		ended[from] = true;
		if (ended[!from])
			exit(0); /* the other thread may still wait */
		return true;
	}
	int sent;
	while ((sent = mq_send(out, message, length, 0)) == -1 && errno == EINTR)
		;
	check(sent, "mq_send");
	row = from == 0 ? row + 1 : 0;
	return true;
}

static void *serve(void *argument) {
	int mine = argument != NULL;
	for (bool over = false; !over;) {
		struct pollfd in = {queues[mine], POLLIN, 0};
		if (poll(&in, 1, -1) == -1 && errno != EINTR)
			check(-1, "poll");
		pthread_mutex_lock(&lock);
		int first = row >= 4;
		if (!move(first))
			move(!first);
		over = ended[mine];
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	for (int i = 0; i < 2; i++) {
		struct mq_attr attr;
		queues[i] = check(mq_open(argv[1 + i], O_RDONLY | O_NONBLOCK), argv[1 + i]);
		check(mq_getattr(queues[i], &attr), "mq_getattr");
		size = (size_t)attr.mq_msgsize > size ? (size_t)attr.mq_msgsize : size;
	}
	out = check(mq_open(argv[3], O_WRONLY), argv[3]);
	message = malloc(size);
	pthread_t other;
	if (pthread_create(&other, NULL, serve, message) != 0)
		return 1;
	serve(NULL);
	pthread_join(other, NULL);
	return 0;
}
