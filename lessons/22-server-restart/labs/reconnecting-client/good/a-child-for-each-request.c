/* Each request is made by a child, which tells the parent by its exit code how it went; the parent knows the queue. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWERED, MISTAKE, LOST = 10 };

struct message {
	long mtype;
	char mtext[50];
};

static int request(int queue, int number) {
	struct message message = {.mtype = 1};
	char text[12];
	long type = 100000 + number;
	snprintf(message.mtext, sizeof message.mtext, "%ld %d", type, number);
	snprintf(text, sizeof text, "%d", number);
	while (msgsnd(queue, &message, strlen(message.mtext), 0) == -1)
		if (errno != EINTR)
			return errno == EIDRM || errno == EINVAL ? LOST : MISTAKE;
	for (;;) {
		memset(&message, 0, sizeof message);
		if (msgrcv(queue, &message, sizeof message.mtext - 1, type, 0) == -1) {
			if (errno != EINTR)
				return errno == EIDRM || errno == EINVAL ? LOST : MISTAKE;
		} else if (strcmp(message.mtext, text) == 0) {
			return ANSWERED;
		}
	}
}

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	key_t key = strtoul(argv[1], NULL, 16);
	int n = atoi(argv[2]), queue;
	for (int number = 1; number <= n;) {
		int looks = 0;
		while ((queue = msgget(key, 0)) == -1) {
			if (++looks > 90)
				return 3;
			usleep(10000);
		}
		int status;
		pid_t child = fork();
		if (child == 0)
			_exit(request(queue, number));
		while (waitpid(child, &status, 0) == -1)
			;
		if (!WIFEXITED(status) || WEXITSTATUS(status) == MISTAKE)
			return 1;
		if (WEXITSTATUS(status) == ANSWERED)
			number++;
		else if (msgget(key, 0) == queue)
			return 1;
		else
			usleep(10000);
	}
	return 0;
}
