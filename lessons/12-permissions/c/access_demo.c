/* The kernel checks the mode of a POSIX queue when you open it, and of a System V queue at each call. */
#include "../../c/claim.h"
#include "../../c/user.h"
#include <fcntl.h>
#include <mqueue.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/stat.h>

#define NAME "/access_demo"
#define KEY 0xacce55

static int msqid;
static struct {
	long mtype;
	char mtext[64];
} message = {1, "sent"};

static const char *posix(void) {
	return outcome(mq_open(NAME, O_RDONLY));
}
static const char *system_v(void) {
	return outcome(msgsnd(msqid, &message, 4, IPC_NOWAIT));
}

/* The result of a call that is made with this capability alone. */
static const char *with(unsigned int capability, const char *(*call)(void)) {
	if (effective(1u << capability) == -1)
		return "not seen"; /* only root has it */
	const char *got = call();
	must(effective(0));
	return got;
}

int main(void) {
	/* A POSIX queue: the mode is checked when it is opened. */
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	char buffer[64];
	must(effective(0)); /* root would pass all checks */
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0444, &attr));
	claim("even-the-owner-cannot-open-a-queue-of-mode-0444-for-writing", outcome(mq_open(NAME, O_WRONLY)));
	claim("mode-0444-lets-the-owner-read", outcome(mq_open(NAME, O_RDONLY)));
	claim("the-mode-does-not-limit-the-mq_open-that-creates-the-queue", outcome(mq_send(mq, "sent", 4, 0)));
	must(fchmod(mq, 0));
	claim("mode-0000-does-not-stop-a-process-that-has-the-queue-open",
		  outcome(mq_receive(mq, buffer, sizeof buffer, NULL)));
	claim("even-the-creator-cannot-open-a-queue-of-mode-0000", posix());

	/* A System V queue: the mode is checked at each call. */
	struct msqid_ds queue;
	msqid = must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
	must(msgsnd(msqid, &message, 4, IPC_NOWAIT));
	must(msgctl(msqid, IPC_STAT, &queue));
	queue.msg_perm.mode = 0;
	must(msgctl(msqid, IPC_SET, &queue));
	claim("msgrcv-checks-the-mode-at-each-call",
		  outcome(msgrcv(msqid, &message, sizeof message.mtext, 0, IPC_NOWAIT)));
	claim("msgsnd-checks-the-mode-at-each-call", system_v());
	claim("IPC_STAT-of-a-system-v-queue-of-mode-0000-fails-even-for-the-owner", outcome(msgctl(msqid, IPC_STAT, &queue)));
	claim("msgget-checks-the-permissions-that-its-flags-request", outcome(msgget(KEY, 0600)));
	claim("the-owner-may-remove-a-system-v-queue-of-mode-0000", outcome(msgctl(msqid, IPC_RMID, NULL)));

	/* Try two of root's capabilities, one at a time. */
	msqid = must(msgget(KEY, IPC_CREAT | IPC_EXCL)); /* mode 0000, like the POSIX queue */
	claim("CAP_DAC_OVERRIDE-opens-a-posix-queue-of-mode-0000", with(CAP_DAC_OVERRIDE, posix));
	claim("CAP_DAC_OVERRIDE-does-not-allow-msgsnd-to-a-system-v-queue-of-mode-0000", with(CAP_DAC_OVERRIDE, system_v));
	claim("CAP_IPC_OWNER-sends-to-a-system-v-queue-of-mode-0000", with(CAP_IPC_OWNER, system_v));
	claim("CAP_IPC_OWNER-does-not-open-a-posix-queue-of-mode-0000", with(CAP_IPC_OWNER, posix));
	must(msgctl(msqid, IPC_RMID, NULL));
	must(mq_unlink(NAME));
	return 0;
}
