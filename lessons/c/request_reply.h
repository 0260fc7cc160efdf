/* The service of mq_server.c, mq_dead_client.c, mq_client.c and mq_restart_load.c: one queue for the
 * requests, and one queue for the replies of each client. The programs define SERVICE before they include this.
 *
 * A request is a text such as "client B pid 4711 id 7", and its reply is "id 7 ticket 3". */
#ifndef REQUEST_REPLY_H
#define REQUEST_REPLY_H

#include "claim.h"
#include "turns.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/mman.h>

#define SIZE 64
#define RECORDS 1024

/* A deadline in 1970: a call that would have to wait fails at once. */
static const struct timespec no_wait = {.tv_sec = 1};

/* The journal of the server, in shared memory. Ticket 1 is in record 1. */
struct record {
	char request[SIZE]; /* an empty text is no record yet */
};
static struct record *journal;

static inline int done(void) {
	int records = 0;
	while (journal[records + 1].request[0] != '\0')
		records++;
	return records;
}

static inline int id_of(const char *request) {
	int id = 0;
	sscanf(request, "client %*s pid %*d id %d", &id);
	return id;
}

/* Does the work, unless it is done already: gives the request the next ticket. */
static inline int ticket_of(const char *request) {
	int ticket = 1;
	while (journal[ticket].request[0] != '\0' && id_of(journal[ticket].request) != id_of(request))
		ticket++;
	if (journal[ticket].request[0] == '\0') {
		strcpy(journal[ticket].request + 1, request + 1);
		*(volatile char *)journal[ticket].request = request[0]; /* now it is done, and known to be done */
	}
	return ticket;
}

static inline const char *reply_queue(const char *client) {
	static char name[2 * SIZE];
	snprintf(name, sizeof name, "%s-%s", SERVICE, client);
	return name;
}

static inline void remove_queues_of_dead_clients(void) {
	for (int ticket = 1; journal[ticket].request[0] != '\0'; ticket++) {
		char client[SIZE];
		int pid;
		sscanf(journal[ticket].request, "client %63s pid %d", client, &pid);
		if (kill(pid, 0) == -1 && errno == ESRCH)
			mq_unlink(reply_queue(client));
	}
}

/* Creates the queue and the journal, or takes over those of a server that was killed. */
static inline mqd_t start_serving(void) {
	struct mq_attr attr = {.mq_maxmsg = 10, .mq_msgsize = SIZE};
	mqd_t requests = must(mq_open(SERVICE, O_CREAT | O_RDONLY, 0600, &attr));
	int fd = must(shm_open(SERVICE, O_CREAT | O_RDWR, 0600));
	must(ftruncate(fd, RECORDS * sizeof *journal));
	journal = mmap(NULL, RECORDS * sizeof *journal, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (journal == MAP_FAILED)
		die("mmap");
	close(fd);
	remove_queues_of_dead_clients();
	return requests;
}

/* Answers one request. Between two steps it waits for a turn, so that it can be killed there. */
static inline const char *answer_one(mqd_t requests, int end) {
	char request[SIZE] = "", reply[SIZE], client[SIZE];
	must(mq_receive(requests, request, sizeof request, NULL));
	sscanf(request, "client %63s", client);
	tell(end, "received");
	hear(end);
	int ticket = ticket_of(request);
	tell(end, "worked");
	hear(end);
	mqd_t queue = must(mq_open(reply_queue(client), O_WRONLY | O_NONBLOCK)); /* the client may be dead */
	tell(end, "opened");
	hear(end);
	int length = snprintf(reply, sizeof reply, "id %d ticket %d", id_of(request), ticket);
	const char *sent = outcome(mq_send(queue, reply, length, 0));
	tell(end, "sent");
	hear(end);
	must(mq_close(queue));
	if (strcmp(sent, "EAGAIN") == 0)
		remove_queues_of_dead_clients();
	return sent;
}

static inline void serve(int end) {
	const char *sent = "ready";
	for (mqd_t requests = start_serving();; sent = answer_one(requests, end)) {
		tell(end, sent);
		hear(end);
	}
}

static pid_t server;

static inline int start_server(void) {
	int end = begin(serve, &server);
	hear(end);
	return end;
}

static inline void kill_server(int end) {
	kill_and_reap(server);
	close(end);
}

/* Lets the server make so many steps, and returns what it said last. */
static inline const char *steps(int end, int steps) {
	const char *said = "";
	while (steps-- > 0) {
		tell(end, "go on");
		said = hear(end);
	}
	return said;
}

struct client {
	const char *name;
	mqd_t requests, replies;
};

static inline struct client connect_as(const char *name) {
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = SIZE};
	struct client client = {.name = name};
	client.requests = must(mq_open(SERVICE, O_WRONLY));
	client.replies = must(mq_open(reply_queue(name), O_CREAT | O_EXCL | O_RDONLY, 0600, &attr));
	return client;
}

static inline int ask(struct client client, int id) {
	char request[SIZE];
	int length = snprintf(request, sizeof request, "client %s pid %d id %d", client.name, getpid(), id);
	return mq_timedsend(client.requests, request, length, 0, &no_wait);
}

/* Receives the reply to this request, and returns its ticket, or -1. Skips replies to earlier requests. */
static inline int receive(struct client client, int id) {
	char reply[SIZE + 1];
	int answered = -1, ticket = -1;
	while (answered != id) {
		ssize_t length = mq_timedreceive(client.replies, reply, SIZE, NULL, &no_wait);
		if (length == -1)
			return -1;
		reply[length] = '\0';
		sscanf(reply, "id %d ticket %d", &answered, &ticket);
	}
	return ticket;
}

static inline void disconnect(struct client client) {
	must(mq_close(client.requests));
	must(mq_close(client.replies));
	must(mq_unlink(reply_queue(client.name)));
}

static inline int queued(mqd_t mq) {
	struct mq_attr attr;
	must(mq_getattr(mq, &attr));
	return attr.mq_curmsgs;
}

#endif
