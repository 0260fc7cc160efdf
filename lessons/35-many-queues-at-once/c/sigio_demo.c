/* O_ASYNC makes a socket send SIGIO; fcntl accepts the flag for a queue and ignores it. */
#define _GNU_SOURCE /* O_ASYNC, F_SETOWN */
#include "../../c/claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME "/sigio_demo"

int main(void) {
	struct signalfd_siginfo info;
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGIO);
	must(sigprocmask(SIG_BLOCK, &signals, NULL));
	int fd = must(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));

	int ends[2];
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	must(fcntl(ends[0], F_SETOWN, getpid()));
	must(fcntl(ends[0], F_SETFL, O_ASYNC));
	claim("fcntl-sets-O_ASYNC-on-a-socket", (bool)(must(fcntl(ends[0], F_GETFL)) & O_ASYNC));
	must(write(ends[1], "x", 1));
	must(read(fd, &info, sizeof info));
	claim("a-byte-at-a-socket-with-O_ASYNC-causes-SIGIO", info.ssi_signo);
	claim("the-SIGIO-of-a-socket-has-the-code-SI_KERNEL", info.ssi_code);

	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	must(fcntl(mq, F_SETOWN, getpid()));
	claim("fcntl-with-O_ASYNC-on-a-queue-succeeds", outcome(fcntl(mq, F_SETFL, O_ASYNC)));
	claim("fcntl-does-not-set-O_ASYNC-on-a-queue", must(fcntl(mq, F_GETFL)) & (O_ACCMODE | O_ASYNC));
	must(mq_send(mq, "hello", 5, 0));
	claim("a-message-at-a-queue-causes-no-SIGIO", outcome(read(fd, &info, sizeof info)));

	char buffer[64];
	struct sigevent by_signal = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGIO};
	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	must(mq_notify(mq, &by_signal));
	must(mq_send(mq, "hello", 5, 0));
	must(read(fd, &info, sizeof info));
	claim("mq_notify-causes-the-SIGIO-that-O_ASYNC-does-not-cause", info.ssi_code);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
