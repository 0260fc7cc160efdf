/* Before it begins, it waits for four seconds in every way that Linux has. It ends with exit code 9 if its
 * clocks show that a wait was too short, or if a wait ends with another result than a timeout. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#ifndef MILLIS
#define MILLIS 4000
#endif

static const struct timespec length = {MILLIS / 1000, MILLIS % 1000 * 1000000L};
static sigset_t alarms;
static int idle[2]; /* a pipe, through which nothing comes */

static double now(clockid_t clock) {
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static double time_of_day(void) {
	struct timeval time;
	gettimeofday(&time, NULL);
	return time.tv_sec + time.tv_usec / 1e6;
}

/* The moment at which the wait is over, by that clock. */
static struct timespec end_of_wait(clockid_t clock) {
	struct timespec end;
	clock_gettime(clock, &end);
	end.tv_sec += length.tv_sec;
	end.tv_nsec += length.tv_nsec;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000L;
	}
	return end;
}

static int fails_with(int error, long result) {
	return result == -1 && errno == error;
}

static int sleeps(void) {
	return nanosleep(&length, NULL) == 0;
}

static int sleeps_by_a_clock(void) {
	return clock_nanosleep(CLOCK_REALTIME, 0, &length, NULL) == 0;
}

static int sleeps_until_a_moment(void) {
	struct timespec end = end_of_wait(CLOCK_MONOTONIC);
	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == 0;
}

static int polls_nothing(void) {
	return poll(NULL, 0, MILLIS) == 0;
}

static int polls(void) {
	struct pollfd fd = {.fd = idle[0], .events = POLLIN};
	return poll(&fd, 1, MILLIS) == 0 && fd.revents == 0;
}

static int polls_with_a_mask(void) {
	struct pollfd fd = {.fd = idle[0], .events = POLLIN};
	return ppoll(&fd, 1, &length, &alarms) == 0;
}

static int selects(void) {
	fd_set set;
	FD_ZERO(&set);
	FD_SET(idle[0], &set);
	struct timeval limit = {length.tv_sec, length.tv_nsec / 1000};
	return select(idle[0] + 1, &set, NULL, NULL, &limit) == 0 && !FD_ISSET(idle[0], &set);
}

static int selects_with_a_mask(void) {
	fd_set set;
	FD_ZERO(&set);
	FD_SET(idle[0], &set);
	return pselect(idle[0] + 1, &set, NULL, NULL, &length, &alarms) == 0 && !FD_ISSET(idle[0], &set);
}

static int waits_for_events(void) {
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(0);
	epoll_ctl(epoll, EPOLL_CTL_ADD, idle[0], &event);
	int right = epoll_wait(epoll, &event, 1, MILLIS) == 0;
	close(epoll);
	return right;
}

static int waits_for_events_with_a_mask(void) {
	struct epoll_event event;
	int epoll = epoll_create1(0);
	int right = epoll_pwait(epoll, &event, 1, MILLIS, &alarms) == 0;
	close(epoll);
	return right;
}

static int waits_for_a_signal(void) {
	return fails_with(EAGAIN, sigtimedwait(&alarms, NULL, &length));
}

static int waits_at_a_futex(void) {
	int word = 0;
	return fails_with(ETIMEDOUT, syscall(SYS_futex, &word, FUTEX_WAIT, 0, &length, NULL, 0));
}

static int waits_for_a_condition(void) {
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
	struct timespec end = end_of_wait(CLOCK_REALTIME);
	pthread_mutex_lock(&mutex);
	return pthread_cond_timedwait(&condition, &mutex, &end) == ETIMEDOUT;
}

static int waits_for_a_semaphore(void) {
	sem_t semaphore;
	struct timespec end = end_of_wait(CLOCK_REALTIME);
	sem_init(&semaphore, 1, 0);
	return fails_with(ETIMEDOUT, sem_timedwait(&semaphore, &end));
}

static int waits_for_a_system_v_semaphore(void) {
	struct sembuf take = {0, -1, 0};
	int set = semget(IPC_PRIVATE, 1, 0600);
	int right = fails_with(EAGAIN, semtimedop(set, &take, 1, &length));
	semctl(set, 0, IPC_RMID);
	return right;
}

static int waits_for_a_message(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 8};
	mqd_t mq = mq_open("/nobody-sends", O_CREAT | O_RDWR, 0600, &attr);
	char text[8];
	struct timespec end = end_of_wait(CLOCK_REALTIME);
	int right = fails_with(ETIMEDOUT, mq_timedreceive(mq, text, sizeof text, NULL, &end));
	mq_unlink("/nobody-sends");
	return right;
}

static int is_woken_by_alarm(void) {
	int got;
	alarm(MILLIS / 1000);
	return sigwait(&alarms, &got) == 0 && got == SIGALRM;
}

static int is_woken_by_an_interval_timer(void) {
	struct itimerval timer = {.it_value = {length.tv_sec, length.tv_nsec / 1000}};
	int got;
	setitimer(ITIMER_REAL, &timer, NULL);
	return sigwait(&alarms, &got) == 0 && got == SIGALRM;
}

static int is_woken_by_a_posix_timer(void) {
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value = {.sival_int = 7}};
	struct itimerspec times = {.it_value = length};
	timer_t timer;
	siginfo_t info;
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &times, NULL);
	int right = sigwaitinfo(&alarms, &info) == SIGUSR1 && info.si_value.sival_int == 7;
	timer_delete(timer);
	return right;
}

static sem_t called;

static void call(union sigval unused) {
	(void)unused;
	sem_post(&called);
}

static int is_called_by_a_posix_timer(void) {
	struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = call};
	struct itimerspec times = {.it_value = length};
	timer_t timer;
	sem_init(&called, 0, 0);
	timer_create(CLOCK_REALTIME, &event, &timer);
	timer_settime(timer, 0, &times, NULL);
	return sem_wait(&called) == 0;
}

static int reads_a_timer(void) {
	struct itimerspec times = {.it_value = end_of_wait(CLOCK_MONOTONIC)};
	unsigned long long times_over;
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(timer, TFD_TIMER_ABSTIME, &times, NULL);
	int right = read(timer, &times_over, sizeof times_over) == sizeof times_over && times_over == 1;
	close(timer);
	return right;
}

static int runs_another_program(void) {
	char command[40];
	sprintf(command, "sleep %d", MILLIS / 1000);
	return system(command) == 0;
}

static const struct {
	const char *name;
	int (*waits)(void);
} ways[] = {
#define WAY(function) {#function, function}
	WAY(sleeps), WAY(sleeps_by_a_clock), WAY(sleeps_until_a_moment), WAY(polls_nothing), WAY(polls),
	WAY(polls_with_a_mask), WAY(selects), WAY(selects_with_a_mask), WAY(waits_for_events),
	WAY(waits_for_events_with_a_mask), WAY(waits_for_a_signal), WAY(waits_at_a_futex), WAY(waits_for_a_condition),
	WAY(waits_for_a_semaphore), WAY(waits_for_a_system_v_semaphore), WAY(waits_for_a_message),
	WAY(is_woken_by_alarm), WAY(is_woken_by_an_interval_timer), WAY(is_woken_by_a_posix_timer),
	WAY(is_called_by_a_posix_timer), WAY(reads_a_timer), WAY(runs_another_program),
};

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	sigaddset(&alarms, SIGUSR1);
	sigprocmask(SIG_BLOCK, &alarms, NULL);
	if (pipe(idle) == -1)
		return 1;
	for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
		double monotonic = now(CLOCK_MONOTONIC), real = now(CLOCK_REALTIME), day = time_of_day();
		int right = ways[way].waits();
		monotonic = now(CLOCK_MONOTONIC) - monotonic;
		real = now(CLOCK_REALTIME) - real;
		day = time_of_day() - day;
		double least = MILLIS / 1000. - 0.01;
		if (!right || monotonic < least || real < least || day < least) {
			fprintf(stderr, "%s: %s, after %g s, %g s and %g s\n", ways[way].name,
				right ? "its time is over" : "an unexpected end", monotonic, real, day);
			return 9;
		}
	}
	umask(0);
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	return mq_open(argv[1], O_CREAT | O_EXCL | O_RDWR, strtol(argv[2], NULL, 8), &attr) == (mqd_t)-1;
}
