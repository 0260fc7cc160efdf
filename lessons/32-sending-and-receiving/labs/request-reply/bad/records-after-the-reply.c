/* loses: killed-at-any-call-it-keeps-its-promises
 * It sends the reply before it has recorded the ticket. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	int client, id;
} done[1024];
static int records;

static int ticket_of(int client, int id) {
	for (int i = 0; i < records; i++)
		if (done[i].client == client && done[i].id == id)
			return i + 1;
	done[records].client = client;
	done[records].id = id;
	return ++records;
}

int main(int argc, char **argv) {
	struct mq_attr attr = {.mq_maxmsg = 10, .mq_msgsize = 64};
	if (argc != 2)
		return 2;
	int file = open("tickets", O_CREAT | O_RDWR | O_APPEND, 0600);
	ssize_t size = read(file, done, sizeof done);
	mqd_t requests = mq_open(argv[1], O_CREAT | O_RDONLY, 0600, &attr);
	if (size == -1 || requests == (mqd_t)-1)
		return 1;
	int recorded = records = size / sizeof done[0];
	for (;;) {
		char text[65], again[65], name[300];
		int client, id;
		ssize_t length = mq_receive(requests, text, 64, NULL);
		if (length == -1 && errno != EINTR)
			return 1;
		if (length == -1)
			continue;
		text[length] = '\0';
		/* A request is what prints as itself. */
		if (length > 19 || sscanf(text, "%d %d", &client, &id) != 2 || client < 1 || id < 1 || id > 999999999)
			continue;
		if (snprintf(again, sizeof again, "%d %d", client, id) != length || memcmp(text, again, length) != 0)
			continue;
		length = snprintf(text, sizeof text, "%d %d", id, ticket_of(client, id));
		snprintf(name, sizeof name, "%s-%d", argv[1], client);
		mqd_t reply = mq_open(name, O_WRONLY | O_NONBLOCK);
		if (reply != (mqd_t)-1) {
			mq_send(reply, text, length, 0);
			mq_close(reply);
		}
		if (records > recorded && write(file, &done[recorded++], sizeof done[0]) == -1)
			return 1;
	}
}
