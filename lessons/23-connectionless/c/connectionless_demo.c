/* The kernel does not record which processes use a System V queue or set, only which one used it last. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define KEY 0x636f6e6e

static struct msqid_ds look_at_queue(int msqid) {
	struct msqid_ds ds;
	must(msgctl(msqid, IPC_STAT, &ds));
	return ds;
}
static struct semid_ds look_at_set(int semid) {
	struct semid_ds ds;
	must(semctl(semid, 0, IPC_STAT, (union semun){.buf = &ds}));
	return ds;
}
static long attachments(int shmid) {
	struct shmid_ds ds;
	must(shmctl(shmid, IPC_STAT, &ds));
	return ds.shm_nattch;
}

/* The fields that change between two looks, with their names in /proc/sysvipc. */
static const char *queue_changes(struct msqid_ds was, struct msqid_ds is) {
	static char text[64];
	snprintf(text, sizeof text, "%s%s%s%s%s%s%s", is.__msg_cbytes != was.__msg_cbytes ? " cbytes" : "",
			 is.msg_qnum != was.msg_qnum ? " qnum" : "", is.msg_lspid != was.msg_lspid ? " lspid" : "",
			 is.msg_lrpid != was.msg_lrpid ? " lrpid" : "", is.msg_stime != was.msg_stime ? " stime" : "",
			 is.msg_rtime != was.msg_rtime ? " rtime" : "", is.msg_ctime != was.msg_ctime ? " ctime" : "");
	return text[0] ? text + 1 : "nothing";
}
static const char *set_changes(struct semid_ds was, struct semid_ds is) {
	static char text[64];
	snprintf(text, sizeof text, "%s%s%s", is.sem_nsems != was.sem_nsems ? " nsems" : "",
			 is.sem_otime != was.sem_otime ? " otime" : "", is.sem_ctime != was.sem_ctime ? " ctime" : "");
	return text[0] ? text + 1 : "nothing";
}

/* Gets the identifiers of both, and then uses both. */
static void b(int a) {
	int msqid = must(msgget(KEY, 0600)), semid = must(semget(KEY, 1, 0600));
	tell(a, "asked");
	hear(a);
	must(post(msqid, "from B"));
	must(add(semid, 0, 1, 0));
	tell(a, "used");
	hear(a);
}
/* Has open what A had open, until it is killed. */
static void holder(int a) {
	tell(a, "here");
	hear(a);
}
/* Has the identifier, and uses it after the queue is removed. */
static void e(int a) {
	int msqid = must(msgget(KEY, 0600));
	tell(a, "asked");
	hear(a);
	tell(a, outcome(post(msqid, "from E")));
}

int main(void) {
	pid_t pid;
	char buffer[64];
	int msqid = must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
	int semid = must(semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600));
	struct msqid_ds queue = look_at_queue(msqid);
	struct semid_ds set = look_at_set(semid);
	int end = begin(b, &pid);
	hear(end);
	claim("msgget-leaves-no-trace-in-a-queue", queue_changes(queue, look_at_queue(msqid)));
	claim("semget-leaves-no-trace-in-a-set", set_changes(set, look_at_set(semid)));
	tell(end, "use");
	hear(end);
	struct msqid_ds used_queue = look_at_queue(msqid);
	struct semid_ds used_set = look_at_set(semid);
	claim("a-send-leaves-bytes-a-pid-and-a-time", queue_changes(queue, used_queue));
	claim("a-semop-leaves-its-time", set_changes(set, used_set));
	claim("semctl-tells-the-pid-of-the-last-semop", (bool)(semctl(semid, 0, GETPID) == pid));
	kill_and_reap(pid);
	claim("a-queue-does-not-notice-a-death", queue_changes(used_queue, look_at_queue(msqid)));
	claim("without-SEM_UNDO-a-set-does-not-notice-a-death", set_changes(used_set, look_at_set(semid)));

	/* C has a pipe and a socket to A, and the queue's identifier; then C is killed. */
	int ends[2], sockets[2];
	take(msqid, IPC_NOWAIT);
	must(pipe(ends));
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	hear(begin(holder, &pid));
	must(close(ends[1])); /* now only C has these two ends */
	must(close(sockets[1]));
	kill_and_reap(pid);
	claim("a-pipe-says-that-its-last-writer-is-gone", read(ends[0], buffer, sizeof buffer));
	claim("a-unix-socket-says-that-its-peer-is-gone", outcome(send(sockets[0], "to C", 4, MSG_NOSIGNAL)));
	claim("a-queue-returns-the-same-errno-before-and-after-C-dies", take(msqid, IPC_NOWAIT));

	/* The exception: a segment. */
	int shmid = must(shmget(KEY, 4096, IPC_CREAT | IPC_EXCL | 0600));
	void *memory = must(shmat(shmid, NULL, 0));
	claim("shmat-is-counted", attachments(shmid));
	hear(begin(holder, &pid));
	claim("an-attachment-inherited-by-fork-is-counted", attachments(shmid));
	kill_and_reap(pid);
	claim("the-kernel-detaches-a-killed-process", attachments(shmid));
	must(shmdt(memory));
	claim("shmdt-is-counted", attachments(shmid));
	must(shmctl(shmid, IPC_RMID, NULL));

	/* A removes the queue while E has its identifier. */
	end = begin(e, &pid);
	hear(end);
	claim("a-queue-can-be-removed-while-another-process-has-its-identifier", outcome(msgctl(msqid, IPC_RMID, NULL)));
	tell(end, "send");
	claim("the-other-process-learns-of-the-removal-at-its-next-call", hear(end));
	finish(pid);
	must(semctl(semid, 0, IPC_RMID));
	return 0;
}
