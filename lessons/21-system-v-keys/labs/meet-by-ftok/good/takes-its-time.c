/* Slow and talkative: it sleeps before each call, tells on standard error what it does, and takes the key from a checked stat. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/stat.h>
#include <time.h>

struct message {
	long mtype;
	char mtext[1000];
};

static void slowly(const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
}

static void demand(int holds, int code) {
	if (!holds) {
		perror("it failed");
		exit(code);
	}
}

static void server(int queue) {
	struct message *message = malloc(sizeof *message);
	slowly("waiting for a question at queue %d\n", queue);
	ssize_t length = msgrcv(queue, message, sizeof message->mtext, 1, 0);
	demand(length >= 0, 1);
	static const char small[] = "abcdefghijklmnopqrstuvwxyz", large[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	for (ssize_t i = 0; i < length; i++) {
		const char *at = message->mtext[i] != '\0' ? strchr(small, message->mtext[i]) : NULL;
		if (at != NULL)
			message->mtext[i] = large[at - small];
	}
	message->mtype++;
	slowly("answering %zd bytes\n", length);
	demand(msgsnd(queue, message, length, 0) == 0, 1);
	free(message);
}

static void client(int queue, const char *text) {
	size_t length = strlen(text);
	struct message *message = malloc(sizeof message->mtype + (length < 1000 ? 1000 : length));
	message->mtype = 1;
	memcpy(message->mtext, text, length);
	slowly("asking %zu bytes\n", length);
	demand(msgsnd(queue, message, length, 0) == 0, 1);
	slowly("waiting for the answer\n");
	demand(msgrcv(queue, message, 1000, 2, 0) >= 0, 1);
	slowly("removing the queue\n");
	demand(msgctl(queue, IPC_RMID, NULL) == 0, 1);
	free(message);
}

int main(int argc, char **argv) {
	int is_server = argc == 4 && strcmp(argv[1], "server") == 0;
	int is_client = argc == 5 && strcmp(argv[1], "client") == 0;
	if (!is_server && !is_client) {
		fprintf(stderr, "server FILE ID, or client FILE ID TEXT\n");
		return 2;
	}
	struct stat status;
	demand(stat(argv[2], &status) == 0, 3);
	key_t key = ftok(argv[2], atoi(argv[3]));
	demand(key != -1, 3);
	slowly("the key is %#x\n", key);
	int queue = msgget(key, IPC_CREAT | 0600);
	demand(queue != -1, errno == EACCES ? 4 : 1);
	if (is_server)
		server(queue);
	else
		client(queue, argv[4]);
	return 0;
}
