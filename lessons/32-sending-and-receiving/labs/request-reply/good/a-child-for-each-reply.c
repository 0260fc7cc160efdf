/* One process records, and a child for each reply sends it: if it had to wait, nobody else would. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A record is the text of the request. Its first byte is stored last. */
static volatile char (*records)[24];

static int ticket_of(const char *request) {
	int n = 0;
	for (; records[n][0] != '\0'; n++)
		if (strcmp((const char *)records[n], request) == 0)
			return n + 1;
	strcpy((char *)records[n] + 1, request + 1);
	records[n][0] = request[0];
	return n + 1;
}

static void send_reply(const char *service, int client, int id, int ticket) {
	char name[300], text[64];
	snprintf(name, sizeof name, "%s-%d", service, client);
	mqd_t reply = mq_open(name, O_WRONLY | O_NONBLOCK);
	mq_send(reply, text, snprintf(text, sizeof text, "%d %d", id, ticket), 0);
	_exit(0);
}

int main(int argc, char **argv) {
	struct mq_attr attr = {.mq_maxmsg = 10, .mq_msgsize = 64};
	if (argc != 2)
		return 2;
	signal(SIGCHLD, SIG_IGN); /* nobody waits for the children */
	int fd = shm_open(argv[1], O_CREAT | O_RDWR, 0600);
	if (fd == -1 || ftruncate(fd, 1024 * sizeof *records) == -1)
		return 1;
	records = mmap(NULL, 1024 * sizeof *records, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	mqd_t requests = mq_open(argv[1], O_CREAT | O_RDONLY, 0600, &attr);
	if (records == MAP_FAILED || requests == (mqd_t)-1)
		return 1;
	for (;;) {
		char text[65], again[65];
		int client, id;
		ssize_t length = mq_receive(requests, text, 64, NULL);
		if (length == -1 && errno != EINTR)
			return 1;
		if (length == -1 || length > 19)
			continue;
		text[length] = '\0';
		if (sscanf(text, "%d %d", &client, &id) != 2 || client < 1 || id < 1 || id > 999999999)
			continue;
		if (snprintf(again, sizeof again, "%d %d", client, id) != length || strcmp(text, again) != 0)
			continue;
		int ticket = ticket_of(text);
		if (fork() == 0)
			send_reply(argv[1], client, id, ticket);
	}
}
