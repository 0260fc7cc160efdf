/* A client learns of its server's death from nothing but a timeout, and makes its request again. */
#define SERVICE "/mq_client"
#include "../../c/request_reply.h"

static char reply[SIZE];

int main(void) {
	int end = start_server();
	struct client client = connect_as("A");
	must(ask(client, 1));
	steps(end, 1);
	const char *slow = outcome(receive(client, 1));

	kill_server(end);
	claim("after-the-death-of-a-server-mq_send-to-its-queue-still-succeeds", outcome(ask(client, 1)));
	const char *dead = outcome(receive(client, 1));
	claim("mq_timedreceive-fails-with-ETIMEDOUT-when-the-server-is-dead", dead);
	claim("the-errno-does-not-tell-a-dead-server-from-a-slow-one", (bool)(strcmp(slow, dead) == 0));

	must(ask(client, 1));
	end = start_server();
	claim("a-request-that-was-sent-twice-is-in-the-queue-twice", queued(client.requests));
	steps(end, 5);
	claim("a-new-server-answers-a-request-from-before-its-start", outcome(receive(client, 1)));
	steps(end, 5);

	/* The second reply to request 1 comes late. */
	must(ask(client, 2));
	steps(end, 5);
	ssize_t length = must(mq_receive(client.replies, reply, sizeof reply, NULL));
	claim_bytes("a-late-reply-is-received-before-the-next-one", reply, length);
	claim("a-descriptor-from-before-the-restart-reaches-the-new-server", outcome(receive(client, 2)));
	kill_server(end);

	/* Another design: the server unlinks the old queue, and creates a new one. */
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = SIZE};
	must(mq_unlink(SERVICE));
	mqd_t new = must(mq_open(SERVICE, O_CREAT | O_EXCL | O_RDONLY, 0600, &attr));
	claim("a-client-of-a-replaced-posix-queue-gets-no-error", outcome(ask(client, 3)));
	must(mq_close(new));
	disconnect(client);
	must(mq_unlink(SERVICE));
	must(shm_unlink(SERVICE));
	return 0;
}
