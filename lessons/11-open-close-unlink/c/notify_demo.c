/* A notification is sent when a message reaches an empty queue and no receiver is waiting. */
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <string.h>

#define NAME "/notify_demo"

static void receiver(int end) {
	(void)end;
	char buffer[64];
	must(mq_receive(must(mq_open(NAME, O_RDONLY)), buffer, sizeof buffer, NULL));
}

/* Whether this process's request is still valid, according to the queue's status line. */
static bool stands(mqd_t mq) {
	char line[128] = "";
	int pid = -1;
	must(pread(mq, line, sizeof line - 1, 0));
	sscanf(strstr(line, "NOTIFY_PID:"), "NOTIFY_PID:%d", &pid);
	return pid == getpid();
}

int main(void) {
	pid_t pid;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	struct sigevent request = {.sigev_notify = SIGEV_NONE}; /* sends nothing; NOTIFY_PID shows it */
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	begin(receiver, &pid);
	until_asleep(pid);
	must(mq_notify(mq, &request));
	must(mq_send(mq, "for B", 5, 0));
	finish(pid);
	claim("a-message-that-a-waiting-receiver-takes-causes-no-notification", stands(mq));

	must(mq_send(mq, "for nobody", 10, 0));
	claim("a-message-that-arrives-at-an-empty-queue-uses-up-the-request", stands(mq));
	must(mq_notify(mq, &request));
	must(mq_send(mq, "one more", 8, 0));
	claim("a-message-that-arrives-at-a-queue-with-messages-causes-no-notification", stands(mq));
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
