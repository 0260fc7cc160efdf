/* SIGTERM is blocked everywhere; a thread takes it with sigwait, removes the queue, and ends the process. */
#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <unistd.h>

static sigset_t term;
static int queue = -1;
static pthread_mutex_t ready = PTHREAD_MUTEX_INITIALIZER;

static void *wait_for_the_end(void *unused) {
	int signal;
	sigwait(&term, &signal);
	/* Not before the queue is made: nobody else would remove it. */
	pthread_mutex_lock(&ready);
	msgctl(queue, IPC_RMID, NULL);
	exit(0);
	return unused;
}

static int create(key_t key) {
	for (;;) {
		int made = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
		if (made != -1 || errno != EEXIST)
			return made;
		int old = msgget(key, 0);
		if (old != -1)
			msgctl(old, IPC_RMID, NULL);
	}
}

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &term, NULL);
	pthread_mutex_lock(&ready);
	pthread_t thread;
	pthread_create(&thread, NULL, wait_for_the_end, NULL);
	queue = create(strtoul(argv[1], NULL, 16));
	pthread_mutex_unlock(&ready);
	if (queue == -1)
		return 1;
	for (;;) {
		struct {
			long type;
			char text[65];
		} message;
		ssize_t n = msgrcv(queue, &message, 64, 1, MSG_NOERROR);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			break;
		message.text[n] = '\0';
		char *end;
		message.type = strtol(message.text, &end, 10);
		if (message.type < 2 || *end != ' ')
			continue;
		size_t length = message.text + n - ++end;
		for (size_t i = 0; i < length; i++)
			message.text[i] = toupper((unsigned char)end[i]);
		while (msgsnd(queue, &message, length, 0) == -1 && errno == EINTR)
			;
	}
	/* The queue is gone: by the thread, which ends the process, or by somebody who has taken over. */
	pthread_mutex_lock(&ready);
	return 1;
}
