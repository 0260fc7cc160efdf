/* Which ways to end a process run its atexit functions, and which run the clean-up of its variables. */
#define _GNU_SOURCE /* sigabbrev_np */
#include "../../c/claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "/atexit_queue"

static mqd_t queue(void) {
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 64};
	return must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
}
static int memory(void) {
	return must(shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600));
}

static void clean_up(void) {
	mq_unlink(NAME);
}
/* GNU C calls it when the variable goes out of scope, like a destructor in other languages. */
static void drop(int *guard) {
	(void)guard;
	shm_unlink(NAME);
}

/* What B does: it registers the atexit function, holds the guard, and ends. */
static int end_by(const char *way) {
	__attribute__((cleanup(drop))) int guard = 0;
	must(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0})); /* abort would leave a core file */
	signal(SIGTERM, SIG_DFL); /* an ignored signal stays ignored in a new process */
	atexit(clean_up);
	if (strcmp(way, "exit") == 0)
		exit(guard);
	if (strcmp(way, "_exit") == 0)
		_exit(0);
	if (strcmp(way, "abort") == 0)
		abort();
	if (strcmp(way, "SIGTERM") == 0)
		raise(SIGTERM);
	if (strcmp(way, "SIGKILL") == 0)
		raise(SIGKILL);
	return 0;
}

static const char *seen(int status) {
	static char text[16];
	if (WIFEXITED(status))
		snprintf(text, sizeof text, "exited %d", WEXITSTATUS(status));
	else
		snprintf(text, sizeof text, "SIG%s", sigabbrev_np(WTERMSIG(status)));
	return text;
}

static unsigned long names(int fd) {
	struct stat st;
	must(fstat(fd, &st));
	return st.st_nlink;
}

int main(void) {
	/* A way to end; what the parent must see; whether each of the two names is left. */
	static const struct {
		const char *way, *end;
		bool queue_stays, memory_stays;
	} ways[] = {
		{"return", "exited-0", false, false}, {"exit", "exited-0", false, true},
		{"_exit", "exited-0", true, true}, {"abort", "SIGABRT", true, true},
		{"SIGTERM", "SIGTERM", true, true}, {"SIGKILL", "SIGKILL", true, true},
	};
	mqd_t mq = queue();
	int shm = memory(), status;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		char id[96];
		if (must(fork()) == 0)
			return end_by(ways[i].way);
		must(wait(&status));
		snprintf(id, sizeof id, "atexit-functions-%srun-on-%s", ways[i].queue_stays ? "do-not-" : "",
				 ways[i].way);
		claim(id, names(mq));
		snprintf(id, sizeof id, "guards-%sdrop-on-%s", ways[i].memory_stays ? "do-not-" : "", ways[i].way);
		claim(id, names(shm));
		snprintf(id, sizeof id, "the-parent-of-%s-sees-%s", ways[i].way, ways[i].end);
		claim(id, seen(status));
		if (names(mq) == 0)
			mq = queue();
		if (names(shm) == 0)
			shm = memory();
	}
	must(mq_unlink(NAME));
	must(shm_unlink(NAME));
	return 0;
}
