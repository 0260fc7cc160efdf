/* loses: either-may-come-first nothing-is-left what-is-somebody-elses-is-left-alone
 * The server removes what is there, to begin afresh: the question of a client who came first. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

struct message {
	long mtype;
	char mtext[1000];
};

static int serve(int queue) {
	struct message message;
	ssize_t length = msgrcv(queue, &message, sizeof message.mtext, 1, 0);
	if (length == -1)
		return 1;
	message.mtype = 2;
	for (ssize_t i = 0; i < length; i++)
		message.mtext[i] = toupper((unsigned char)message.mtext[i]);
	return msgsnd(queue, &message, length, 0) != 0;
}

static int ask(int queue, const char *text) {
	struct message message = {.mtype = 1};
	memcpy(message.mtext, text, strlen(text));
	if (msgsnd(queue, &message, strlen(text), 0) == -1)
		return 1;
	if (msgrcv(queue, &message, sizeof message.mtext, 2, 0) == -1)
		return 1;
	return msgctl(queue, IPC_RMID, NULL) != 0;
}

int main(int argc, char **argv) {
	if (argc < 4)
		return 2;
	key_t key = ftok(argv[2], atoi(argv[3]));
	if (key == -1)
		return 3;
	if (argc == 4)
		msgctl(msgget(key, 0), IPC_RMID, NULL);
	int queue = msgget(key, IPC_CREAT | 0600);
	if (queue == -1)
		return errno == EACCES ? 4 : 1;
	return argc == 4 ? serve(queue) : ask(queue, argv[4]);
}
