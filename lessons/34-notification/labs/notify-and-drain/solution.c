/* Receives the messages of a queue by notification: PROGRAM /NAME */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void fail(const char *call) {
	int code = errno == EBUSY ? 3 : 1;
	perror(call);
	exit(code);
}

/* Writes each message until the queue is empty. Returns 0 after an empty message, and -1 with the errno otherwise. */
static ssize_t drain(mqd_t mq, char *message, long msgsize) {
	ssize_t length;
	while ((length = mq_receive(mq, message, msgsize, NULL)) > 0) {
		fwrite(message, 1, length, stdout);
		putchar('\n');
		fflush(stdout);
	}
	return length;
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 2;
	}
	/* Blocked signals stay pending until sigwaitinfo takes them, so none of them comes too early. */
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);

	mqd_t mq = mq_open(argv[1], O_RDONLY | O_NONBLOCK);
	if (mq == (mqd_t)-1)
		fail(argv[1]);
	struct mq_attr attr;
	mq_getattr(mq, &attr);
	char *message = malloc(attr.mq_msgsize);
	if (message == NULL)
		fail("malloc");

	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	int signal;
	do {
		/* First the registration: a message that came before it is still in the queue. */
		if (mq_notify(mq, &event) == -1)
			fail("mq_notify");
		if (drain(mq, message, attr.mq_msgsize) == 0)
			break;
		if (errno != EAGAIN)
			fail("mq_receive");
		/* EINTR is no notification: the registration is still there. */
		while ((signal = sigwaitinfo(&signals, NULL)) == -1)
			;
	} while (signal != SIGTERM);
	return 0; /* the registration ends with the descriptor */
}
