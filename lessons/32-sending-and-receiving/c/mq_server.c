/* A server with a queue for the requests can be killed at any call: no request is lost or done twice. */
#define SERVICE "/mq_server"
#include "../../c/request_reply.h"

static char reply[SIZE];

/* Waits for a request in its first turn, and is killed there. */
static void wait_for_a_request(int end) {
	mqd_t requests = start_serving();
	tell(end, "ready");
	hear(end);
	mq_receive(requests, reply, sizeof reply, NULL);
}

int main(void) {
	int end = begin(wait_for_a_request, &server);
	hear(end);
	tell(end, "wait");
	until_asleep(server);
	struct client client = connect_as("A");
	kill_server(end);
	must(ask(client, 1));
	claim("a-request-that-comes-after-a-waiting-server-was-killed-is-queued", queued(client.requests));

	end = start_server();
	steps(end, 1);
	kill_server(end);
	claim("a-request-does-not-return-to-the-queue-when-its-receiver-is-killed", queued(client.requests));

	must(ask(client, 1));
	end = start_server();
	steps(end, 2);
	kill_server(end);
	must(mq_close(start_serving())); /* this process looks into the journal */
	claim("a-store-into-shared-memory-survives-SIGKILL-right-after-it", done());

	must(ask(client, 1));
	end = start_server();
	steps(end, 5);
	ssize_t length = must(mq_receive(client.replies, reply, sizeof reply, NULL));
	claim_bytes("the-fourth-server-replies-with-the-ticket-of-the-third", reply, length);
	claim("a-request-that-was-sent-three-times-is-done-once", done());
	kill_server(end);
	disconnect(client);
	must(mq_unlink(SERVICE));
	must(shm_unlink(SERVICE));
	return 0;
}
