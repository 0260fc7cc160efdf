/* What a killed server's queue held, and what the server had in hand, is lost; its client cannot tell which. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"
#include <sys/mman.h>

#define KEY 0x72737472
#define REQUESTS 1000
#define RESTARTS 10
#define EVERY 91 /* the servers are killed at requests 91, 182, up to 910 */

/* Where: in turn, when all is answered and received; the request lies in the
 * queue; it is taken; it is done; the answer lies in the queue. */
enum point { UNREAD, IDLE, QUEUED, TAKEN, DONE, NOWHERE };

static enum point death(int request) {
	int restart = request / EVERY;
	return request % EVERY == 0 && restart >= 1 && restart <= RESTARTS ? (enum point)(restart % 5) : NOWHERE;
}

struct message {
	long mtype; /* 1 for a request, 2 for its answer */
	int id; /* 0 for the last request, after which the server ends by itself */
};

/* Both count in memory that outlives whoever is killed. */
static struct {
	int sent, received, taken, answered, in_queues, done, twice, done_of[REQUESTS + 1];
} * count;
static bool asks_again, knows_ids;
static int restart;

static int transmit(int msqid, long mtype, int id) {
	struct message message = {mtype, id};
	return msgsnd(msqid, &message, sizeof message.id, 0);
}

/* Removes the old queue, with what it still holds, and makes a new one. */
static int take_over(void) {
	int old = msgget(KEY, 0);
	if (old != -1) {
		struct msqid_ds ds;
		must(msgctl(old, IPC_STAT, &ds));
		must(msgctl(old, IPC_RMID, NULL));
		count->in_queues += ds.msg_qnum;
	}
	return must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
}

static void server(int end) {
	struct message request;
	int msqid = take_over(), killed_at = EVERY * restart;
	tell(end, "ready");
	for (;;) {
		must(msgrcv(msqid, &request, sizeof request.id, 1, 0));
		enum point point = request.id == killed_at ? death(request.id) : NOWHERE;
		if (request.id == 0) {
			must(msgctl(msqid, IPC_RMID, NULL));
			return;
		}
		count->taken++;
		if (point == TAKEN)
			raise(SIGKILL);
		if (!knows_ids || count->done_of[request.id] == 0) {
			count->done++;
			count->twice += ++count->done_of[request.id] == 2;
		}
		if (point == DONE)
			raise(SIGKILL);
		must(transmit(msqid, 2, request.id));
		count->answered++;
		bool next_is_queued = request.id + 1 == killed_at && death(request.id + 1) == QUEUED;
		if (point == IDLE || point == UNREAD || next_is_queued)
			raise(SIGKILL);
	}
}

/* The queue after the restart, of which the errno has told. */
static int reconnect(int end) {
	tell(end, outcome(-1));
	hear(end);
	return must(msgget(KEY, 0));
}

static void client(int end) {
	struct message answer;
	int msqid = must(msgget(KEY, 0));
	for (int id = 1; id <= REQUESTS; id++) {
		bool answered = false, first = true;
		do {
			while (transmit(msqid, 1, id) == -1) /* what is refused was not sent */
				msqid = reconnect(end);
			count->sent++;
			if (first && death(id) == UNREAD) {
				tell(end, "unread");
				hear(end); /* until the server is dead */
			}
			first = false;
			if (msgrcv(msqid, &answer, sizeof answer.id, 2, 0) != -1)
				answered = true;
			else
				msqid = reconnect(end);
		} while (!answered && asks_again);
		count->received += answered;
		if (death(id) == IDLE) {
			tell(end, "idle");
			hear(end);
		}
	}
	must(transmit(msqid, 1, 0));
}

static pid_t client_pid, server_pid;
static int client_end;

static void start_server(void) {
	int end = begin(server, &server_pid);
	hear(end);
	close(end);
}

static void begin_drama(bool again, bool ids) {
	asks_again = again;
	knows_ids = ids;
	restart = 1;
	memset(count, 0, sizeof *count);
	start_server();
	client_end = begin(client, &client_pid);
}

/* The server dies, and the next one takes over; what the client was told, and in
 * `lost` how many messages went with the old queue. */
static const char *restarted(int *lost) {
	int before = count->in_queues;
	enum point point = death(EVERY * restart++);
	must(waitpid(server_pid, NULL, 0));
	if (point == IDLE || point == UNREAD)
		hear(client_end);
	else
		until_asleep(client_pid); /* it waits for an answer */
	start_server();
	if (point == IDLE || point == UNREAD)
		tell(client_end, "go on");
	static char told[64];
	strcpy(told, hear(client_end));
	tell(client_end, "go on");
	*lost = count->in_queues - before;
	return told;
}

static void end_drama(void) {
	int lost;
	while (restart <= RESTARTS)
		restarted(&lost);
	finish(client_pid);
	finish(server_pid);
	close(client_end);
}

int main(void) {
	int lost;
	const char *told;
	count = must(mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	begin_drama(false, false);
	told = restarted(&lost);
	claim("between-requests-nothing-is-lost", lost);
	claim("a-client-between-requests-is-told-by-its-next-msgsnd", told);
	told = restarted(&lost);
	claim("a-request-in-the-queue-is-lost-with-it", lost);
	claim("a-client-whose-request-was-queued-is-told-EIDRM", told);
	told = restarted(&lost);
	claim("a-request-in-hand-is-in-no-queue", lost);
	claim("a-client-whose-request-was-taken-is-told-EIDRM", told);
	told = restarted(&lost);
	claim("a-client-whose-request-was-done-is-told-EIDRM-too", told);
	told = restarted(&lost);
	claim("an-answer-in-the-queue-is-lost-with-it", lost);
	claim("a-client-whose-answer-was-lost-is-told-EINVAL", told);
	end_drama();
	claim("eight-of-ten-restarts-cost-a-request", count->sent - count->received);
	claim("sent-is-answered-and-lost", count->received + count->in_queues + (count->taken - count->answered));
	claim("half-of-what-the-client-holds-for-lost-was-done", count->done - count->received);

	/* The same, but the client asks again when no answer came; then the server
	 * knows by its number what it has done already. */
	begin_drama(true, false);
	end_drama();
	claim("who-asks-again-is-answered-in-the-end", count->received);
	claim("who-asks-again-has-some-requests-done-twice", count->twice);
	begin_drama(true, true);
	end_drama();
	claim("with-request-ids-all-are-answered", count->received);
	claim("with-request-ids-none-is-done-twice", count->twice);
	return 0;
}
