/* mq_notify announces the first message of each queue by a signal, for which it waits with sigwaitinfo. It asks for
 * the notification first, and looks into the queues afterwards, so it misses no message. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static mqd_t queues[2], out;
static int ended[2], row;
static char *message;
static size_t size;

static long check(long result, const char *what) {
	if (result == -1) {
		perror(what);
		exit(1);
	}
	return result;
}

static void ask_for_notification(int queue) {
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	if (!ended[queue] && mq_notify(queues[queue], &event) == -1 && errno != EBUSY)
		check(-1, "mq_notify");
}

static int move(int from) {
	if (ended[from])
		return 0;
	ssize_t length;
	do
		length = mq_receive(queues[from], message, size, NULL);
	while (length == -1 && errno == EINTR);
	if (length == -1 && errno == EAGAIN)
		return 0;
	if (check(length, "mq_receive") == 0)
		return ended[from] = 1;
	int sent;
	do
		sent = mq_send(out, message, length, 0);
	while (sent == -1 && errno == EINTR);
	check(sent, "mq_send");
	row = from == 0 ? row + 1 : 0;
	return 1;
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	for (int i = 0; i < 2; i++) {
		struct mq_attr attr;
		queues[i] = check(mq_open(argv[1 + i], O_RDONLY | O_NONBLOCK), argv[1 + i]);
		check(mq_getattr(queues[i], &attr), "mq_getattr");
		size = (size_t)attr.mq_msgsize > size ? (size_t)attr.mq_msgsize : size;
	}
	out = check(mq_open(argv[3], O_WRONLY), argv[3]);
	message = malloc(size);
	for (;;) {
		ask_for_notification(0);
		ask_for_notification(1);
		while (move(row >= 4) || move(row < 4))
			;
		if (ended[0] && ended[1])
			return 0;
		if (sigwaitinfo(&signals, NULL) == -1 && errno != EINTR)
			check(-1, "sigwaitinfo");
	}
}
