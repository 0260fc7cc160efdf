/* The parent takes the lock, and a child that shares it does the work; it does not outlive its parent. */
#include <fcntl.h>
#include <mqueue.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static jmp_buf leave;

static long need(long result, int code) {
	if (result == -1)
		longjmp(leave, code);
	return result;
}

static void send_from(mqd_t mq, long first, long last) {
	for (long order = first; order <= last; order++) {
		char text[16];
		need(mq_send(mq, text, sprintf(text, "%ld", order), 0), 1);
	}
}

int main(int argc, char **argv) {
	int code = setjmp(leave);
	if (code)
		_exit(code);
	if (argc != 3)
		return 2;
	long count = atol(argv[2]);
	struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = 16};
	mqd_t mq = need(mq_open(argv[1], O_CREAT | O_RDWR, 0644, &attr), 1);
	need(flock(mq, LOCK_EX | LOCK_NB), 3);
	need(mq_getattr(mq, &attr), 1);
	pid_t parent = getpid(), child = need(fork(), 1);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		send_from(mq, attr.mq_curmsgs + 1, count);
		_exit(0);
	}
	int status;
	need(waitpid(child, &status, 0), 1);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
