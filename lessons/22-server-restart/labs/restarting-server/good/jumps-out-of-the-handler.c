/* The handler leaves by siglongjmp, wherever it is; SIGTERM is blocked until the queue is known. */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

static sigjmp_buf over;

static void leave(int signal) {
	(void)signal;
	siglongjmp(over, 1);
}

int main(int argc, char **argv) {
	static struct {
		long mtype;
		char mtext[65];
	} m;
	static int queue = -1;
	if (argc != 2)
		return 2;
	key_t key = strtoul(argv[1], NULL, 16);
	sigset_t term;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	struct sigaction action = {.sa_handler = leave};
	sigaction(SIGTERM, &action, NULL);
	for (;;) {
		queue = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
		if (queue != -1)
			break;
		if (errno != EEXIST)
			return 1;
		int old = msgget(key, 0);
		if (old != -1)
			msgctl(old, IPC_RMID, NULL);
	}
	if (sigsetjmp(over, 0) == 0) {
		sigprocmask(SIG_UNBLOCK, &term, NULL);
		for (;;) {
			ssize_t n = msgrcv(queue, &m, sizeof m.mtext - 1, 1, MSG_NOERROR);
			if (n == -1 && errno != EINTR)
				return 1;
			if (n < 1)
				continue;
			m.mtext[n] = 0;
			char *blank = strchr(m.mtext, ' '), *end;
			long to = strtol(m.mtext, &end, 10);
			if (blank == NULL || end != blank || to <= 1)
				continue;
			n -= blank + 1 - m.mtext;
			for (ssize_t i = 0; i < n; i++)
				m.mtext[i] = toupper((unsigned char)blank[1 + i]);
			m.mtype = to;
			while (msgsnd(queue, &m, n, 0) == -1)
				if (errno != EINTR)
					return 1;
		}
	}
	msgctl(queue, IPC_RMID, NULL);
	return 0;
}
