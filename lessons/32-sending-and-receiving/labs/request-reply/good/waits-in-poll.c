/* It waits in poll, receives without waiting, and sends with a deadline that has passed. */
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct record {
	int client, id, complete;
};
static volatile struct record *records;

static int ticket_of(int client, int id) {
	int n = 0;
	for (; records[n].complete; n++)
		if (records[n].client == client && records[n].id == id)
			return n + 1;
	records[n].client = client;
	records[n].id = id;
	records[n].complete = 1;
	return n + 1;
}

static void answer(const char *service, const char *text) {
	char again[65], name[300];
	struct timespec past = {.tv_sec = 1};
	int client, id;
	if (strlen(text) > 19 || sscanf(text, "%d %d", &client, &id) != 2 || client < 1 || id < 1 || id > 999999999)
		return;
	snprintf(again, sizeof again, "%d %d", client, id);
	if (strcmp(text, again) != 0)
		return;
	int length = snprintf(again, sizeof again, "%d %d", id, ticket_of(client, id));
	snprintf(name, sizeof name, "%s-%d", service, client);
	mqd_t reply = mq_open(name, O_WRONLY);
	mq_timedsend(reply, again, length, 0, &past); /* fails, if there is no queue or no room */
	mq_close(reply);
}

int main(int argc, char **argv) {
	struct mq_attr attr = {.mq_maxmsg = 10, .mq_msgsize = 64};
	char text[65];
	if (argc != 2)
		return 2;
	mqd_t requests = mq_open(argv[1], O_CREAT | O_RDONLY | O_NONBLOCK, 0600, &attr);
	int fd = shm_open(argv[1], O_CREAT | O_RDWR, 0600);
	if (requests == (mqd_t)-1 || fd == -1 || ftruncate(fd, 1024 * sizeof *records) == -1)
		return 1;
	records = mmap(NULL, 1024 * sizeof *records, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (records == MAP_FAILED)
		return 1;
	struct pollfd waits = {.fd = requests, .events = POLLIN};
	for (;;) {
		poll(&waits, 1, -1);
		ssize_t length = mq_receive(requests, text, 64, NULL);
		if (length == -1)
			continue;
		text[length] = '\0';
		if (strlen(text) == (size_t)length)
			answer(argv[1], text);
	}
}
