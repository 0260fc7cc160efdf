/* loses: no-schedule-loses-a-message
 * It clears its flag after the drain, and so forgets a notification that has come in the meantime. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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
	struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	mqd_t mq = mq_open(argv[1], O_RDONLY | O_NONBLOCK);
	struct mq_attr attr;
	if (mq == (mqd_t)-1 || mq_getattr(mq, &attr) == -1)
		return 1;
	char *message = malloc(attr.mq_msgsize);
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	while (!terminated) {
		if (!notified) {
			pause();
			continue;
		}
		if (mq_notify(mq, &event) == -1)
			return errno == EBUSY ? 3 : 1;
		ssize_t length;
		while ((length = mq_receive(mq, message, attr.mq_msgsize, NULL)) > 0)
			dprintf(STDOUT_FILENO, "%.*s\n", (int)length, message);
		if (length == 0)
			return 0;
		notified = 0;
	}
	return 0;
}
