/* An event loop: epoll waits for standard input, and a timer that never runs out; the memory is written by pwrite. */
#define _GNU_SOURCE /* pwrite */
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void one_round(const char *name) {
	char file[300], message[65];
	snprintf(file, sizeof file, "/dev/shm%s", name);
	int fd = open(file, O_RDWR | O_CLOEXEC);
	mqd_t mq = fd == -1 ? -1 : mq_open(name, O_RDONLY);
	sem_t *sem = mq == -1 ? SEM_FAILED : sem_open(name, 0);
	if (sem != SEM_FAILED) {
		ssize_t n = mq_receive(mq, message, 64, NULL);
		message[n < 0 ? 0 : n] = 0;
		if (n >= 0 && pwrite(fd, message, n + 1, 0) == n + 1)
			sem_post(sem);
		sem_close(sem);
	}
	if (mq != -1)
		mq_close(mq);
	if (fd != -1)
		close(fd);
}

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	int epoll = epoll_create1(EPOLL_CLOEXEC), timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct epoll_event input = {.events = EPOLLIN, .data.fd = STDIN_FILENO}, tick = {.events = EPOLLIN, .data.fd = timer};
	epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input);
	epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &tick);
	for (;;) {
		struct epoll_event event;
		char bytes[512];
		if (epoll_wait(epoll, &event, 1, -1) != 1 || event.data.fd != STDIN_FILENO)
			continue;
		ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
		if (n <= 0)
			return n != 0;
		for (ssize_t i = 0; i < n; i++)
			if (bytes[i] == '\n')
				one_round(argv[1]);
	}
}
