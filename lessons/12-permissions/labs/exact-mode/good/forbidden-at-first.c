/* Another call: nobody may open the queue at first, and fchmod grants all of it in one step. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	char *end;
	unsigned long mode = strtoul(argv[2], &end, 8);
	if (*end || mode > 0777)
		return 2;
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 8};
	mqd_t mq = mq_open(argv[1], O_CREAT | O_EXCL | O_RDONLY, 0, &attr);
	if (mq == (mqd_t)-1 || fchmod(mq, mode) == -1) {
		perror(argv[1]);
		return 1;
	}
	return 0; /* which closes the descriptor */
}
