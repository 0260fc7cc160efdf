/* The first thread makes the key, and a thread of its own does all the talking. */
#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

struct talk {
	int queue;
	const char *text; /* none: the server's part */
	int code;
};

struct message {
	long mtype;
	char mtext[1000];
};

static void *talk(void *argument) {
	struct talk *talk = argument;
	struct message message;
	ssize_t n = 0;
	talk->code = 1;
	if (talk->text != NULL) {
		message.mtype = 1;
		memcpy(message.mtext, talk->text, n = strlen(talk->text));
		if (msgsnd(talk->queue, &message, n, 0) == -1)
			return NULL;
	}
	do
		n = msgrcv(talk->queue, &message, sizeof message.mtext, talk->text != NULL ? 2 : 1, 0);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return NULL;
	if (talk->text != NULL) {
		talk->code = msgctl(talk->queue, IPC_RMID, NULL) != 0;
		return NULL;
	}
	message.mtype = 2;
	for (ssize_t i = 0; i < n; i++)
		message.mtext[i] = toupper((unsigned char)message.mtext[i]);
	talk->code = msgsnd(talk->queue, &message, n, 0) != 0;
	return NULL;
}

int main(int argc, char **argv) {
	struct talk it = {0};
	if (argc == 5 && !strcmp(argv[1], "client"))
		it.text = argv[4];
	else if (argc != 4 || strcmp(argv[1], "server"))
		return 2;
	if (it.text != NULL && strlen(it.text) > 1000)
		return 2;
	key_t key = ftok(argv[2], strtol(argv[3], NULL, 10));
	if (key == -1)
		return 3;
	it.queue = msgget(key, IPC_CREAT | 0600);
	if (it.queue == -1)
		return errno == EACCES ? 4 : 1;
	pthread_t thread;
	if (pthread_create(&thread, NULL, talk, &it) != 0)
		return 1;
	pthread_join(thread, NULL);
	return it.code;
}
