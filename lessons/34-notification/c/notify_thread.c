/* With SIGEV_THREAD glibc calls a function in a new thread; the kernel only writes to a socket of glibc. */
#define _GNU_SOURCE /* gettid */
#include "../../c/notify.h"
#include "../../c/turns.h"
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/xattr.h>

#define NAME "/notify_thread"

/* One call of the function. */
struct call {
	int value;
	pid_t pid, tid;
	bool accepts_the_signal;
};

static mqd_t mq;    /* the child inherits it */
static int told[2]; /* a pipe from the function to the main thread */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void function(union sigval value) {
	sigset_t mask;
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	struct call call = {value.sival_int, getpid(), gettid(), !sigismember(&mask, SIGUSR1)};
	must(write(told[1], &call, sizeof call));
	pthread_mutex_lock(&gate); /* the first call ends only when the main thread opens the gate */
	pthread_mutex_unlock(&gate);
}

static void by_thread(int value) {
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD, .sigev_value.sival_int = value, .sigev_notify_function = function};
	must(mq_notify(mq, &event));
}

static struct call next_call(void) {
	struct call call;
	must(read(told[0], &call, sizeof call));
	return call;
}

static int entries(const char *path, bool (*counts)(const char *path)) {
	int number = 0;
	DIR *directory = opendir(path);
	if (directory == NULL)
		die(path);
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		char entry_path[300];
		snprintf(entry_path, sizeof entry_path, "%s/%s", path, entry->d_name);
		number += entry->d_name[0] != '.' && counts(entry_path);
	}
	closedir(directory);
	return number;
}

static bool every(const char *path) {
	(void)path;
	return true;
}

static bool is_netlink(const char *path) {
	char protocol[32] = "";
	getxattr(path, "system.sockprotoname", protocol, sizeof protocol);
	return strcmp(protocol, "NETLINK") == 0;
}

static void b(int a) {
	char buffer[64];
	must(pipe(told));
	pthread_mutex_lock(&gate);
	blocked_signal(SIGUSR1);
	by_thread(1);
	claim("the-first-SIGEV_THREAD-registration-makes-a-helper-thread", entries("/proc/self/task", every));
	claim("the-first-SIGEV_THREAD-registration-makes-a-netlink-socket", entries("/proc/self/fd", is_netlink));
	claim("NOTIFY-is-2-for-SIGEV_THREAD", queue_status(mq, "NOTIFY:"));

	tell(a, "send");
	struct call call = next_call();
	claim("the-function-gets-the-value-of-the-registration", call.value);
	claim("the-function-runs-in-the-registered-process", (bool)(call.pid == getpid()));
	claim("the-thread-of-the-function-blocks-no-signal", call.accepts_the_signal);

	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	by_thread(2);
	tell(a, "send");
	claim("two-calls-of-the-function-can-run-at-the-same-time", (bool)(next_call().value == 2));
	claim("a-second-registration-makes-no-second-socket", entries("/proc/self/fd", is_netlink));
	pthread_mutex_unlock(&gate);

	must(mq_receive(mq, buffer, sizeof buffer, NULL));
	by_thread(3);
	must(mq_notify(mq, NULL));
	by_thread(4);
	tell(a, "send");
	claim("the-helper-thread-survives-the-removal-of-a-registration", next_call().value);
	tell(a, "end");
}

int main(void) {
	pid_t pid;
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr));
	int end = begin(b, &pid);
	while (strcmp(hear(end), "send") == 0)
		must(mq_send(mq, "hello", 5, 0));
	finish(pid);
	must(mq_close(mq));
	must(mq_unlink(NAME));
	return 0;
}
