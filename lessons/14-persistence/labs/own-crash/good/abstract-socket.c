/* The lock is a name that ends with its process: a socket in the abstract namespace, which only one can bind. */
#include <fcntl.h>
#include <mqueue.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int is_alone(const char *name) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "orders%s", name);
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(address.sun_path + 1);
	return bind(socket(AF_UNIX, SOCK_DGRAM, 0), (struct sockaddr *)&address, length) == 0;
}

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s /NAME COUNT\n", argv[0]);
		return 2;
	}
	if (!is_alone(argv[1]))
		return 3;
	long count = strtol(argv[2], NULL, 10);
	struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = 8};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_RDWR, 0600, &attr);
	if (mq == (mqd_t)-1 || mq_getattr(mq, &attr) == -1)
		return 1;
	for (long order = attr.mq_curmsgs; order++ < count;) {
		char text[8];
		int length = snprintf(text, sizeof text, "%ld", order);
		if (mq_send(mq, text, length, 0) == -1)
			return 1;
	}
	return 0;
}
