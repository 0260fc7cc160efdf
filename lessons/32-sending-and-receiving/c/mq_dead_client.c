/* A killed client leaves its queue behind; the server notices it only when this queue is full. */
#define SERVICE "/mq_dead_client"
#include "../../c/request_reply.h"

static char reply[SIZE];

/* Makes three requests, waits for a reply, and is killed there. */
static void play_c(int end) {
	struct client client = connect_as("C");
	for (int id = 1; id <= 3; id++)
		must(ask(client, id));
	tell(end, "asked");
	mq_receive(client.replies, reply, sizeof reply, NULL);
}

int main(void) {
	int end = start_server();
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
	int sent = mq_timedsend(full, "id 3 ticket 3", 13, 0, &no_wait);
	claim("a-full-queue-whose-only-reader-was-killed-still-makes-a-sender-wait", outcome(sent));
	must(mq_close(full));
	claim("with-O_NONBLOCK-a-dead-client-costs-its-server-one-EAGAIN", steps(end, 5));
	claim("another-process-can-unlink-the-queue-of-a-dead-client", outcome(mq_open(reply_queue("C"), O_RDONLY)));
	kill_server(end);
	must(mq_unlink(SERVICE));
	must(shm_unlink(SERVICE));
	return 0;
}
