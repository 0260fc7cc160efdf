/* Queues that are as small as possible, and a limit for their charge. */
#ifndef CHARGE_H
#define CHARGE_H

#include "claim.h"
#include <fcntl.h>
#include <mqueue.h>
#include <sys/resource.h>

/* The charge for a queue of one message of one byte. The kernel adds the size of 12 pointers for each message: 96 bytes
   on 64 bits, 48 on 32 bits. */
#define SMALLEST (1 + 12 * sizeof(void *))

static inline mqd_t create_smallest(const char *name) {
	struct mq_attr smallest = {.mq_maxmsg = 1, .mq_msgsize = 1};
	return mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &smallest);
}

static inline void limit_charge(rlim_t bytes) {
	struct rlimit limit;
	must(getrlimit(RLIMIT_MSGQUEUE, &limit));
	limit.rlim_cur = bytes;
	must(setrlimit(RLIMIT_MSGQUEUE, &limit));
}

#endif
