/* Eight clients make a thousand requests, twenty processes are killed, and each request is answered once. */
#define SERVICE "/mq_restart_load"
#include "../../c/request_reply.h"

#define REQUESTS 1000
#define CLIENTS 8
#define STEPS 5

/* The tickets of the requests, as the clients note them, in memory that outlives each client. */
static int *tickets;

static struct seat {
	pid_t pid;
	int end, number, processes, next;
	char name[16];
} seats[CLIENTS + 1];
static struct seat *new_client; /* the child finds itself here */

static int server_end, sent, waited, left;

static void play_client(int end) {
	struct client client = connect_as(new_client->name);
	tell(end, "ready");
	hear(end);
	for (int id = new_client->number; id <= REQUESTS; id += CLIENTS)
		while (tickets[id] == 0) {
			must(ask(client, id));
			tell(end, "asked");
			hear(end);
			int ticket = receive(client, id);
			tell(end, "received");
			hear(end);
			if (ticket != -1)
				tickets[id] = ticket;
		}
	tell(end, "all are noted");
	hear(end);
	disconnect(client);
}

static void start_client(struct seat *seat) {
	snprintf(seat->name, sizeof seat->name, "%d.%d", seat->number, ++seat->processes);
	new_client = seat;
	seat->end = begin(play_client, &seat->pid);
	hear(seat->end);
}

static void restart_client(struct seat *seat) {
	kill_and_reap(seat->pid);
	close(seat->end);
	start_client(seat);
}

static void turn(struct seat *seat) {
	tell(seat->end, "go on");
	hear(seat->end);
}

static void restart_server(void) {
	mqd_t requests = must(mq_open(SERVICE, O_RDONLY));
	kill_server(server_end);
	waited += queued(requests);
	must(mq_close(requests));
	server_end = start_server();
}

static bool has_tickets(struct seat *seat) {
	while (seat->next <= REQUESTS && tickets[seat->next] != 0)
		seat->next += CLIENTS;
	return seat->next > REQUESTS;
}

/* Lets the client note its last ticket and send its next request. Returns whether there is one. */
static bool send_next(struct seat *seat) {
	if (has_tickets(seat))
		return false;
	turn(seat);
	bool sends = !has_tickets(seat);
	sent += sends;
	return sends;
}

/* All clients send a request, the server answers all, and all clients receive. */
static int round_of_requests(bool server_dies) {
	bool asked[CLIENTS + 1];
	int requests = 0;
	for (int i = 1; i <= CLIENTS; i++)
		requests += asked[i] = send_next(&seats[i]);
	if (server_dies)
		restart_server();
	steps(server_end, STEPS * requests);
	for (int i = 1; i <= CLIENTS; i++)
		if (asked[i])
			turn(&seats[i]);
	return requests;
}

/* The server is killed before this one of its steps; before the first, eight requests wait. */
static void kill_the_server(int step, struct seat *seat) {
	if (step == 1) {
		round_of_requests(true);
		return;
	}
	send_next(seat);
	steps(server_end, step - 1);
	restart_server();
	turn(seat);
}

/* A client that has sent a request is killed after so many steps of the server. */
static void kill_a_client(int after, struct seat *seat) {
	send_next(seat);
	steps(server_end, after);
	restart_client(seat);
	steps(server_end, STEPS - after);
}

/* A client is killed after it has received; and its successor, before it sends. */
static void kill_a_client_and_its_successor(struct seat *seat) {
	send_next(seat);
	steps(server_end, STEPS);
	turn(seat);
	restart_client(seat);
	restart_client(seat);
}

static void some_rounds(void) {
	for (int i = 0; i < 6; i++)
		round_of_requests(false);
}

int main(void) {
	size_t size = (REQUESTS + 1) * sizeof *tickets;
	tickets = must(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	server_end = start_server();
	for (int i = 1; i <= CLIENTS; i++) {
		seats[i].number = seats[i].next = i;
		start_client(&seats[i]);
	}
	static const int clients_after[] = {0, 3, 5, -1, 0, 3, 5, -1};
	for (int i = 0; i < 10; i++) {
		some_rounds();
		kill_the_server(1 + i % STEPS, &seats[1 + i % CLIENTS]);
		some_rounds();
		if (i < 8 && clients_after[i] == -1)
			kill_a_client_and_its_successor(&seats[1 + (i + 4) % CLIENTS]);
		else if (i < 8)
			kill_a_client(clients_after[i], &seats[1 + (i + 4) % CLIENTS]);
	}
	while (round_of_requests(false) > 0)
		;
	for (int i = 1; i <= CLIENTS; i++) {
		tell(seats[i].end, "go on");
		finish(seats[i].pid);
	}
	kill_server(server_end);
	kill_server(start_server());
	for (int i = 1; i <= CLIENTS; i++)
		for (int process = 1; process < seats[i].processes; process++) {
			char name[16];
			snprintf(name, sizeof name, "%d.%d", i, process);
			left += mq_unlink(reply_queue(name)) == 0;
		}

	int unanswered = 0, wrong = 0;
	must(mq_close(start_serving())); /* this process looks into the journal */
	for (int id = 1; id <= REQUESTS; id++) {
		unanswered += tickets[id] == 0;
		wrong += tickets[id] != 0 && id_of(journal[tickets[id]].request) != id;
	}
	claim("twenty-kills-leave-no-request-without-an-answer", unanswered);
	claim("each-client-has-the-ticket-of-its-own-request", wrong);
	claim("twenty-kills-make-no-request-be-done-twice", done() - REQUESTS);
	claim("fourteen-of-twenty-kills-make-a-client-send-a-request-again", sent - REQUESTS);
	claim("two-killed-servers-leave-eight-requests-each-to-the-next", waited);
	claim("the-next-server-cannot-know-of-a-client-that-died-before-its-first-request", left);
	must(mq_unlink(SERVICE));
	must(shm_unlink(SERVICE));
	return 0;
}
