/* A registration belongs to one process: fork does not copy it, and exit, SIGKILL and exec end it. */
#include "../../c/notify.h"
#include "../../c/turns.h"
#include <fcntl.h>

#define NAME "/notify_withdrawn"

static mqd_t mq; /* the children inherit it */

static bool registered(pid_t pid) {
	return queue_status(mq, "NOTIFY_PID:") == pid;
}

static void registers(int a) {
	must(register_for(mq, SIGUSR1));
	tell(a, "registered");
	hear(a);
}

/* exec closes the child's end of the socket pair, so recv returns 0 when the child has called exec. */
static void becomes_sleep(int a) {
	must(fcntl(a, F_SETFD, FD_CLOEXEC));
	must(register_for(mq, SIGUSR1));
	tell(a, "registered");
	hear(a);
	must(execl("/bin/sleep", "sleep", "3600", NULL));
}

static void becomes_sleep_with_the_queue(int a) {
	signal(SIGUSR1, SIG_DFL); /* exec would keep a signal ignored */
	signal(SIGUSR2, SIG_DFL);
	must(fcntl(mq, F_SETFD, 0));
	becomes_sleep(a);
}

static void until_exec(int end) {
	char byte;
	tell(end, "go on");
	must(recv(end, &byte, 1, 0));
}

static int signals; /* the child inherits it, and reads its own signals from it */

static void looks_for_a_signal(int a) {
	must(mq_send(mq, "from F", 6, 0));
	tell(a, "sent");
	hear(a);
	tell(a, notified(signals));
}

int main(void) {
	pid_t pid;
	char buffer[64];
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));

	int end = begin(registers, &pid);
	hear(end);
	bool before = registered(pid);
	tell(end, "exit");
	finish(pid);
	claim("exit-ends-the-registration", (bool)(before && registered(0)));
	end = begin(registers, &pid);
	hear(end);
	before = registered(pid);
	kill_and_reap(pid);
	claim("SIGKILL-ends-the-registration", (bool)(before && registered(0)));

	end = begin(becomes_sleep, &pid);
	hear(end);
	before = registered(pid);
	until_exec(end);
	claim("exec-ends-the-registration", (bool)(before && registered(0)));
	kill_and_reap(pid);

	int status;
	end = begin(becomes_sleep_with_the_queue, &pid);
	hear(end);
	until_exec(end);
	claim("without-FD_CLOEXEC-a-registration-survives-exec", registered(pid));
	must(mq_send(mq, "for E", 5, 0));
	long after = queue_status(mq, "NOTIFY_PID:");
	must(kill(pid, SIGUSR2));
	must(waitpid(pid, &status, 0));
	claim("the-program-after-exec-gets-no-signal", WTERMSIG(status) == SIGUSR2 ? "SIGUSR2" : "SIGUSR1");
	claim("a-message-uses-up-a-registration-that-survived-exec", after);
	must(mq_receive(mq, buffer, sizeof buffer, NULL));

	signals = blocked_signal(SIGUSR1);
	must(register_for(mq, SIGUSR1));
	end = begin(looks_for_a_signal, &pid);
	hear(end);
	if (strcmp(notified(signals), "success") != 0)
		die("no notification");
	tell(end, "look");
	claim("fork-does-not-copy-the-registration", hear(end));
	finish(pid);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
