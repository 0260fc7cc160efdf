/* A server with a queue for the requests survives SIGKILL at any call, and so do its clients. */
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

/* Makes three requests, waits for a reply, and is killed there. */
static void play_c(int end) {
	struct client client = connect_as("C");
	for (int id = 2; id <= 4; id++)
		must(ask(client, id));
	tell(end, "asked");
	mq_receive(client.replies, reply, sizeof reply, NULL);
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

	pid_t c;
	int c_end = begin(play_c, &c);
	hear(c_end);
	until_asleep(c);
	must(kill(c, SIGKILL));
	claim("kill-with-0-succeeds-for-a-killed-process-until-its-parent-waits-for-it", outcome(kill(c, 0)));
	must(waitpid(c, NULL, 0));
	close(c_end);
	claim("kill-with-0-fails-with-ESRCH-after-the-parent-has-waited", outcome(kill(c, 0)));

	/* C's queue has room for two replies. */
	claim("mq_send-to-the-queue-of-a-killed-client-succeeds-while-there-is-room", steps(end, 5));
	steps(end, 5);
	mqd_t full = must(mq_open(reply_queue("C"), O_WRONLY));
	int sent = mq_timedsend(full, "id 4 ticket 4", 13, 0, &no_wait);
	claim("a-full-queue-whose-only-reader-was-killed-still-makes-a-sender-wait", outcome(sent));
	must(mq_close(full));
	claim("with-O_NONBLOCK-a-dead-client-costs-its-server-one-EAGAIN", steps(end, 5));
	claim("another-process-can-unlink-the-queue-of-a-dead-client", outcome(mq_open(reply_queue("C"), O_RDONLY)));
	kill_server(end);
	disconnect(client);
	must(mq_unlink(SERVICE));
	must(shm_unlink(SERVICE));
	return 0;
}
