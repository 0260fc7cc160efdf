/* Creates a queue with the attributes that the limits allow: PROGRAM /NAME MAXMSG MSGSIZE [COMMAND [ARGUMENT...]] */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Returns 0 if the text is not a number from 1 on. */
static long number(const char *text) {
	char *end;
	long n = strtol(text, &end, 10);
	return *text != '\0' && *end == '\0' && n > 0 ? n : 0;
}

/* Returns the wish, or the setting of this namespace if that is smaller. */
static long at_most(const char *setting, long wish) {
	long most = wish;
	FILE *file = fopen(setting, "r");
	if (file == NULL || fscanf(file, "%ld", &most) != 1) {
		perror(setting);
		exit(1);
	}
	fclose(file);
	return most < wish ? most : wish;
}

static mqd_t create(const char *name, long maxmsg, long msgsize) {
	struct mq_attr attr = {.mq_maxmsg = maxmsg, .mq_msgsize = msgsize};
	return mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
}

/* Creates the largest queue for at most maxmsg messages that RLIMIT_MSGQUEUE has room for. */
static mqd_t create_largest(const char *name, long maxmsg, long msgsize) {
	mqd_t mq;
	do
		mq = create(name, maxmsg, msgsize);
	while (mq == (mqd_t)-1 && errno == EMFILE && --maxmsg > 0);
	return mq;
}

/* Creates the queue or opens it. */
static mqd_t get(const char *name, long maxmsg, long msgsize, bool *existing) {
	for (;;) {
		*existing = false;
		mqd_t mq = create(name, maxmsg, msgsize);
		if (mq == (mqd_t)-1 && (errno == EINVAL || errno == EMFILE))
			mq = create_largest(name, at_most("/proc/sys/fs/mqueue/msg_max", maxmsg),
			                    at_most("/proc/sys/fs/mqueue/msgsize_max", msgsize));
		if (mq != (mqd_t)-1 || errno != EEXIST)
			return mq;
		*existing = true;
		mq = mq_open(name, O_RDWR);
		if (mq != (mqd_t)-1 || errno != ENOENT)
			return mq;
		/* The queue was removed in between. */
	}
}

int main(int argc, char **argv) {
	long maxmsg = argc < 4 ? 0 : number(argv[2]);
	long msgsize = argc < 4 ? 0 : number(argv[3]);
	if (maxmsg == 0 || msgsize == 0) {
		fprintf(stderr, "use: %s /NAME MAXMSG MSGSIZE [COMMAND [ARGUMENT...]]\n", argv[0]);
		return 2;
	}
	bool existing;
	mqd_t mq = get(argv[1], maxmsg, msgsize, &existing);
	struct mq_attr got;
	if (mq == (mqd_t)-1 || mq_getattr(mq, &got) == -1) {
		int code = errno == EMFILE ? 3 : 1;
		perror(argv[1]);
		return code;
	}
	bool granted = got.mq_maxmsg == maxmsg && got.mq_msgsize == msgsize;
	const char *how = existing ? "existing" : granted ? "created" : "reduced";
	printf("%s %ld %ld\n", how, got.mq_maxmsg, got.mq_msgsize);
	fflush(stdout); /* exec would lose what is in the buffer */
	if (argc == 4)
		return 0;
	/* dup2(3, 3) would leave FD_CLOEXEC set. */
	int ready = mq == 3 ? fcntl(mq, F_SETFD, 0) : dup2(mq, 3);
	if (ready != -1)
		execvp(argv[4], argv + 4);
	perror(argv[4]);
	return 1;
}
