/* Three states, and a table of what each errno leads to; the pause is clock_nanosleep until a moment. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <time.h>
#include <unistd.h>

enum state { FINDING, SENDING, RECEIVING };

static void pause_a_little(void) {
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += 25000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

int main(int argc, char **argv) {
	struct {
		long mtype;
		char mtext[100];
	} message;
	if (argc != 3)
		return 2;
	key_t key = strtoll(argv[1], NULL, 16);
	int last = atoi(argv[2]), number = 1, looks = 0, queue = -1, suspect = -1;
	const int me = getpid() + 1000;
	enum state state = FINDING;
	while (number <= last) {
		ssize_t got;
		switch (state) {
		case FINDING:
			queue = msgget(key, 0);
			if (queue != -1 && queue == suspect) {
				fprintf(stderr, "the queue is the same, so the call was wrong\n");
				return 1;
			}
			if (queue != -1) {
				looks = 0;
				state = SENDING;
			} else if (++looks == 60) {
				return 3;
			} else {
				pause_a_little();
			}
			continue;
		case SENDING:
			message.mtype = 1;
			got = sprintf(message.mtext, "%d %d", me, number);
			if (msgsnd(queue, &message, got, 0) == 0)
				state = RECEIVING;
			else if (errno != EINTR)
				suspect = queue, state = FINDING;
			continue;
		case RECEIVING:
			got = msgrcv(queue, &message, sizeof message.mtext - 1, me, 0);
			if (got >= 0) {
				message.mtext[got] = 0;
				if (atoi(message.mtext) == number)
					number++, state = SENDING;
			} else if (errno != EINTR) {
				suspect = queue, state = FINDING;
			}
		}
	}
	return 0;
}
