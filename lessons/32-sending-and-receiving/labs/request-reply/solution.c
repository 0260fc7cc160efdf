/* A service that gives out tickets: PROGRAM /NAME */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define RECORDS 1024

/* Ticket n belongs to the request in record n: the client's number and the request's. 0 is no record. */
static volatile uint64_t *journal;

/* Memory that outlives the server. The next server maps the same object. */
static void open_journal(const char *name) {
	size_t size = RECORDS * sizeof *journal;
	int fd = shm_open(name, O_CREAT | O_RDWR, 0600);
	if (fd == -1 || ftruncate(fd, size) == -1) {
		perror("shm_open");
		exit(1);
	}
	journal = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (journal == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	close(fd);
}

/* The record is one store, so there is no moment at which half of it is written. */
static int ticket_of(uint64_t request) {
	int ticket = 1;
	while (ticket < RECORDS - 1 && journal[ticket] != 0 && journal[ticket] != request)
		ticket++;
	journal[ticket] = request;
	return ticket;
}

/* Reads a number from 1 to 999999999. Returns 0 if there is none. */
static uint64_t number(char **text) {
	if (!isdigit((unsigned char)**text))
		return 0;
	unsigned long n = strtoul(*text, text, 10);
	return n <= 999999999 ? n : 0;
}

static void reply(const char *service, uint64_t client, uint64_t id, int ticket) {
	char name[300], text[64];
	snprintf(name, sizeof name, "%s-%d", service, (int)client);
	mqd_t mq = mq_open(name, O_WRONLY | O_NONBLOCK); /* a dead client leaves its queue full */
	if (mq == (mqd_t)-1)
		return;
	int length = snprintf(text, sizeof text, "%d %d", (int)id, ticket);
	mq_send(mq, text, length, 0); /* if there is no room, the client will ask again */
	mq_close(mq);
}

int main(int argc, char **argv) {
	struct mq_attr attr = {.mq_maxmsg = 10, .mq_msgsize = 64};
	if (argc != 2) {
		fprintf(stderr, "use: %s /NAME\n", argv[0]);
		return 2;
	}
	open_journal(argv[1]);
	mqd_t requests = mq_open(argv[1], O_CREAT | O_RDONLY, 0600, &attr);
	if (requests == (mqd_t)-1) {
		perror("mq_open");
		return 1;
	}
	for (;;) {
		char text[65], *rest = text;
		ssize_t length = mq_receive(requests, text, 64, NULL);
		if (length == -1 && errno == EINTR)
			continue;
		if (length == -1)
			return 1;
		text[length] = '\0';
		uint64_t client = number(&rest);
		if (client == 0 || *rest++ != ' ')
			continue;
		uint64_t id = number(&rest);
		if (id == 0 || rest != text + length)
			continue;
		reply(argv[1], client, id, ticket_of(client << 32 | id));
	}
}
