/* SIGEV_THREAD: each notification starts a thread, which registers again and drains. The first thread waits. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t over; /* above 0 when the program must end */
static mqd_t mq;
static struct mq_attr attr;
static char *message;
static int code = -1; /* the exit code, once it is known */

static int notify_and_drain(void);

/* glibc unblocks all signals in the threads of SIGEV_THREAD, so SIGTERM needs a handler, which any thread can run. */
static void terminated(int signal) {
	(void)signal;
	sem_post(&over);
}

/* Two of these threads may exist at the same time; the mutex lets one of them work. */
static void notified(union sigval nothing) {
	(void)nothing;
	pthread_mutex_lock(&mutex);
	if (code == -1)
		code = notify_and_drain();
	if (code != -1)
		sem_post(&over);
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
	struct sigaction action = {.sa_handler = terminated, .sa_flags = SA_RESTART};
	sem_init(&over, 0, 0);
	sigaction(SIGTERM, &action, NULL);
	mq = mq_open(argv[1], O_RDONLY | O_NONBLOCK);
	if (mq == (mqd_t)-1 || mq_getattr(mq, &attr) == -1)
		return 1;
	message = malloc(attr.mq_msgsize);
	union sigval nothing = {0};
	notified(nothing); /* the first registration and the first drain */
	while (sem_wait(&over) == -1)
		;
	/* No thread is between mq_receive and printf now, and none of them begins. */
	pthread_mutex_lock(&mutex);
	_exit(code == -1 ? 0 : code);
}
