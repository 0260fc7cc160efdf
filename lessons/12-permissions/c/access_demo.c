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
	claim("mode-0444-refuses-even-the-owner-who-would-write", outcome(mq_open(NAME, O_WRONLY)));
	claim("mode-0444-lets-the-owner-read", outcome(mq_open(NAME, O_RDONLY)));
	claim("a-queue-just-created-is-open-as-asked-whatever-its-mode", outcome(mq_send(mq, "sent", 4, 0)));
	must(fchmod(mq, 0));
	claim("a-queue-open-already-asks-for-no-permission",
		  outcome(mq_receive(mq, buffer, sizeof buffer, NULL)));
	claim("mode-0000-shuts-its-own-creator-out", posix());

	/* A System V queue: the mode is checked at each call. */
	struct msqid_ds queue;
	msqid = must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
	must(msgsnd(msqid, &message, 4, IPC_NOWAIT));
	must(msgctl(msqid, IPC_STAT, &queue));
	queue.msg_perm.mode = 0;
	must(msgctl(msqid, IPC_SET, &queue));
	claim("a-system-v-queue-asks-for-permission-at-each-receive",
		  outcome(msgrcv(msqid, &message, sizeof message.mtext, 0, IPC_NOWAIT)));
	claim("a-system-v-queue-asks-for-permission-at-each-send", system_v());
	claim("mode-0000-hides-a-system-v-queue-from-its-owner", outcome(msgctl(msqid, IPC_STAT, &queue)));
	claim("msgget-asks-for-the-permissions-in-its-flags", outcome(msgget(KEY, 0600)));
	claim("the-owner-may-remove-what-it-may-not-use", outcome(msgctl(msqid, IPC_RMID, NULL)));

	/* Try two of root's capabilities, one at a time. */
	msqid = must(msgget(KEY, IPC_CREAT | IPC_EXCL)); /* mode 0000, like the POSIX queue */
	claim("CAP_DAC_OVERRIDE-opens-a-posix-queue-of-mode-0000", with(CAP_DAC_OVERRIDE, posix));
	claim("CAP_DAC_OVERRIDE-sends-to-no-system-v-queue-of-mode-0000", with(CAP_DAC_OVERRIDE, system_v));
	claim("CAP_IPC_OWNER-sends-to-a-system-v-queue-of-mode-0000", with(CAP_IPC_OWNER, system_v));
	claim("CAP_IPC_OWNER-opens-no-posix-queue-of-mode-0000", with(CAP_IPC_OWNER, posix));
	must(msgctl(msqid, IPC_RMID, NULL));
	must(mq_unlink(NAME));
	return 0;
}
