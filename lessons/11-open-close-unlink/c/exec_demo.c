/* exec closes the IPC objects of the old program, unless FD_CLOEXEC is cleared, and deletes none. */
#include "../../c/claim.h"
#include "../../c/holders.h"
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define NAME "/exec_demo"

/* Starts a child that runs the command sleep, with FD_CLOEXEC cleared on request. exec closes the
 * child's end of the pipe, so when read returns, the child has called exec. */
static pid_t sleeper(int mq, int shm, bool cleared) {
	int ends[2];
	char byte;
	must(pipe(ends));
	must(fcntl(ends[1], F_SETFD, FD_CLOEXEC));
	pid_t pid = must(fork());
	if (pid == 0) {
		if (cleared) {
			must(fcntl(mq, F_SETFD, 0));
			must(fcntl(shm, F_SETFD, 0));
		}
		execl("/bin/sleep", "sleep", "3600", NULL);
		_exit(127);
	}
	close(ends[1]);
	must(read(ends[0], &byte, 1));
	close(ends[0]);
	return pid;
}

static void end(pid_t pid) {
	must(kill(pid, SIGKILL));
	must(waitpid(pid, NULL, 0));
}

int main(void) {
	/* Create a queue, a semaphore and shared memory, all without O_CLOEXEC. */
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t mq = must(mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	int shm = must(shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600));
	sem_t *sem = sem_open(NAME, O_CREAT | O_EXCL, 0600, 1);
	if (sem == SEM_FAILED)
		die("sem_open");
	must(mq_send(mq, "still here", 10, 0));
	claim("mq_open-sets-FD_CLOEXEC-unasked", fcntl(mq, F_GETFD));
	claim("shm_open-sets-FD_CLOEXEC-unasked", fcntl(shm, F_GETFD));
	struct stat queue, memory, semaphore;
	must(fstat(mq, &queue));
	must(fstat(shm, &memory));
	must(stat("/dev/shm/sem.exec_demo", &semaphore));

	pid_t me = getpid(), child = must(fork());
	if (child == 0) {
		pause();
		_exit(0);
	}
	claim("after-fork-two-descriptors-refer-to-the-queue", descriptors(me, queue) + descriptors(child, queue));
	claim("after-fork-two-descriptors-refer-to-the-memory",
		  descriptors(me, memory) + descriptors(child, memory));
	claim("after-fork-two-processes-map-the-semaphore",
		  mappings(me, semaphore.st_ino) + mappings(child, semaphore.st_ino));
	end(child);

	child = sleeper(mq, shm, false);
	claim("exec-closes-the-descriptor-of-a-queue", descriptors(me, queue) + descriptors(child, queue));
	claim("exec-closes-the-descriptor-of-shared-memory",
		  descriptors(me, memory) + descriptors(child, memory));
	claim("exec-unmaps-the-semaphore", mappings(me, semaphore.st_ino) + mappings(child, semaphore.st_ino));
	end(child);

	/* The same again, with FD_CLOEXEC cleared before exec. */
	child = sleeper(mq, shm, true);
	claim("without-FD_CLOEXEC-a-queue-descriptor-survives-exec",
		  descriptors(me, queue) + descriptors(child, queue));
	claim("without-FD_CLOEXEC-a-shared-memory-descriptor-survives-exec",
		  descriptors(me, memory) + descriptors(child, memory));
	claim("no-mapping-of-a-semaphore-survives-exec",
		  mappings(me, semaphore.st_ino) + mappings(child, semaphore.st_ino));
	claim("each-descriptor-has-its-own-FD_CLOEXEC", fcntl(mq, F_GETFD));
	end(child);

	/* Those children called exec and were killed. One more calls exec and exits. What is left? */
	claim("a-killed-process-closes-its-descriptors", descriptors(me, queue));
	if ((child = must(fork())) == 0) {
		must(fcntl(mq, F_SETFD, 0));
		execl("/bin/sleep", "sleep", "0", NULL);
		_exit(127);
	}
	int status;
	must(waitpid(child, &status, 0));
	if (status != 0)
		die("sleep");
	must(mq_getattr(mq, &attr));
	must(fstat(mq, &queue));
	must(fstat(shm, &memory));
	must(stat("/dev/shm/sem.exec_demo", &semaphore));
	claim("exec-and-exit-remove-no-message", attr.mq_curmsgs);
	claim("exec-and-exit-unlink-no-queue", queue.st_nlink);
	claim("exec-and-exit-unlink-no-semaphore", semaphore.st_nlink);
	claim("exec-and-exit-unlink-no-shared-memory", memory.st_nlink);
	must(mq_unlink(NAME));
	must(sem_unlink(NAME));
	must(shm_unlink(NAME));
	return 0;
}
