/* SIGEV_THREAD: each notification starts a thread, which registers again and drains. The first thread waits. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static mqd_t mq;
static struct mq_attr attr;
static char *message;
static int code = -1; /* the exit code, once it is known */

static int notify_and_drain(void);

/* Two of these threads may exist at the same time; the mutex lets one of them work. */
static void notified(union sigval nothing) {
	(void)nothing;
	pthread_mutex_lock(&mutex);
	if (code == -1)
		code = notify_and_drain();
	if (code != -1)
		kill(getpid(), SIGTERM);
	pthread_mutex_unlock(&mutex);
}

static int notify_and_drain(void) {
	struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = notified};
	if (mq_notify(mq, &event) == -1)
		return errno == EBUSY ? 3 : 1;
	ssize_t length;
	while ((length = mq_receive(mq, message, attr.mq_msgsize, NULL)) > 0) {
		printf("%.*s\n", (int)length, message);
		fflush(stdout);
	}
	return length == 0 ? 0 : errno == EAGAIN ? -1 : 1;
}

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL); /* all threads inherit it */
	mq = mq_open(argv[1], O_RDONLY | O_NONBLOCK);
	if (mq == (mqd_t)-1 || mq_getattr(mq, &attr) == -1)
		return 1;
	message = malloc(attr.mq_msgsize);
	pthread_mutex_lock(&mutex);
	code = notify_and_drain();
	int over = code != -1;
	pthread_mutex_unlock(&mutex);
	int signal;
	if (!over)
		sigwait(&signals, &signal);
	/* No thread is between mq_receive and printf now, and none of them begins. */
	pthread_mutex_lock(&mutex);
	_exit(code == -1 ? 0 : code);
}
