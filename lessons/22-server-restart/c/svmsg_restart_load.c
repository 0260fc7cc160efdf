/* After restarts, requests are lost or done twice, unless the server remembers which ones it has done. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"
#include <sys/mman.h>

#define KEY 0x6c6f6164
#define REQUESTS 1000
#define REQUEST 1
#define ANSWER 2

/* The servers are killed at requests 91, 182, up to 910. Returns how many of four things happen before:
 * the server takes the request, does the work, and answers; the client receives the answer. */
static int killed_after(int request) {
	static const int things[] = {3, 4, 0, 1, 2};
	return request % 91 == 0 && request / 91 <= 10 ? things[request / 91 % 5] : -1;
}

struct message {
	long mtype;
	int request;
};

static int transmit(int msqid, long mtype, int request) {
	struct message message = {mtype, request};
	return msgsnd(msqid, &message, sizeof message.request, 0);
}

static struct {
	int sent, received, in_queues, in_hand, done, twice;
} count;
static int *work; /* how often each request was done, in memory that outlives each killed server */
static bool knows_ids;
static int server_end;
static pid_t server_pid;

static void serve(int end) {
	struct message message;
	int old = msgget(KEY, 0);
	if (old != -1)
		must(msgctl(old, IPC_RMID, NULL));
	int msqid = must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
	for (;;) {
		tell(end, "ready");
		hear(end);
		must(msgrcv(msqid, &message, sizeof message.request, REQUEST, 0));
		tell(end, "taken");
		hear(end);
		if (!knows_ids || work[message.request] == 0)
			work[message.request]++; /* the work, and the note that it is done, in one step */
		tell(end, "done");
		hear(end);
		must(transmit(msqid, ANSWER, message.request));
	}
}

static void start_server(void) {
	server_end = begin(serve, &server_pid);
	hear(server_end);
}

static void end_server(void) {
	struct msqid_ds ds;
	kill_and_reap(server_pid);
	close(server_end);
	must(msgctl(must(msgget(KEY, 0)), IPC_STAT, &ds));
	count.in_queues += ds.msg_qnum;
}

static void restart(void) {
	end_server();
	start_server();
}

static void play(bool asks_again, bool ids) {
	struct message message;
	knows_ids = ids;
	memset(&count, 0, sizeof count);
	memset(work, 0, (REQUESTS + 1) * sizeof *work);
	start_server();
	int msqid = must(msgget(KEY, 0));
	for (int request = 1; request <= REQUESTS; request++) {
		int death = killed_after(request);
		bool answered;
		do {
			if (transmit(msqid, REQUEST, request) == -1) {
				msqid = must(msgget(KEY, 0)); /* the request was not sent; now it is sent to the new queue */
				must(transmit(msqid, REQUEST, request));
			}
			int things = death == -1 || death > 3 ? 3 : death;
			for (int thing = 0; thing < things; thing++) {
				tell(server_end, "go on");
				hear(server_end);
			}
			if (death != -1 && death != 4)
				restart();
			answered = msgrcv(msqid, &message, sizeof message.request, ANSWER, IPC_NOWAIT) != -1;
			if (!answered)
				msqid = must(msgget(KEY, 0));
			if (death == 4)
				restart();
			count.sent++;
			count.in_hand += things == 1 || things == 2;
			count.received += answered;
			death = -1; /* once for each request */
		} while (!answered && asks_again);
	}
	end_server();
	must(msgctl(must(msgget(KEY, 0)), IPC_RMID, NULL));
	for (int request = 1; request <= REQUESTS; request++) {
		count.done += work[request];
		count.twice += work[request] == 2;
	}
}

int main(void) {
	size_t size = (REQUESTS + 1) * sizeof *work;
	work = must(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	play(false, false);
	claim("eight-of-ten-restarts-lose-a-request", count.sent - count.received);
	claim("answered-and-lost-requests-add-up-to-those-sent", count.received + count.in_queues + count.in_hand);
	claim("half-of-the-unanswered-requests-were-done", count.done - count.received);
	play(true, false);
	claim("a-client-that-asks-again-gets-every-answer", count.received);
	claim("if-the-client-asks-again-some-requests-are-done-twice", count.twice);
	play(true, true);
	claim("with-request-numbers-every-request-is-answered", count.received);
	claim("with-request-numbers-no-request-is-done-twice", count.twice);
	return 0;
}
