/* Handlers set flags; sigsuspend unblocks the signals and waits in one step. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static volatile sig_atomic_t notified = 1, terminated;

static void handle(int signal) {
	if (signal == SIGTERM)
		terminated = 1;
	else
		notified = 1;
}

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	sigset_t both, before;
	sigemptyset(&both);
	sigaddset(&both, SIGTERM);
	sigaddset(&both, SIGIO);
	sigprocmask(SIG_BLOCK, &both, &before);
	struct sigaction action = {.sa_handler = handle};
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGIO, &action, NULL);

	mqd_t mq = mq_open(argv[1], O_RDWR | O_NONBLOCK);
	struct mq_attr attr;
	if (mq == (mqd_t)-1 || mq_getattr(mq, &attr) == -1)
		return 1;
	char *message = malloc(attr.mq_msgsize + 1);
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGIO};
	while (!terminated) {
		if (!notified) {
			sigsuspend(&before);
			continue;
		}
		notified = 0;
		if (mq_notify(mq, &event) == -1)
			return errno == EBUSY ? 3 : 1;
		ssize_t length;
		while ((length = mq_receive(mq, message, attr.mq_msgsize, NULL)) > 0) {
			message[length] = '\0';
			puts(message);
			fflush(stdout);
		}
		if (length == 0)
			return 0;
		if (errno != EAGAIN)
			return 1;
	}
	mq_close(mq);
	return 0;
}
