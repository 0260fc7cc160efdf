/* A loop that drains a busy queue never gets to the other one. epoll_wait reports ready queues in turn. */
#include "../../c/claim.h"
#include "../../c/polling.h"
#include <fcntl.h>
#include <mqueue.h>

#define NAME "/busy_queue"

int main(void) {
	char buffer[64];
	mqd_t jobs = nameless(NAME), control = nameless(NAME);
	must(mq_send(jobs, "first job", 9, 0));
	must(mq_send(control, "stop", 4, 0));

	int taken = 0;
	while (taken < 3 && mq_receive(jobs, buffer, sizeof buffer, NULL) != -1) {
		taken++;
		must(mq_send(jobs, "another job", 11, 0)); /* a sender that is as fast as the loop */
	}
	claim("mq_receive-gives-no-EAGAIN-while-a-sender-keeps-up", taken);

	char order[5] = "";
	int set = must(epoll_create1(EPOLL_CLOEXEC));
	must(enter(set, EPOLL_CTL_ADD, jobs, EPOLLIN, 1));
	must(enter(set, EPOLL_CTL_ADD, control, EPOLLIN, 2));
	must(mq_send(control, "stop at once", 12, 0));
	must(mq_send(jobs, "last job", 8, 0));
	for (int i = 0; i < 4; i++) {
		struct epoll_event event;
		must(epoll_wait(set, &event, 1, 0));
		order[i] = '0' + event.data.u64;
		must(mq_receive(event.data.u64 == 1 ? jobs : control, buffer, sizeof buffer, NULL));
	}
	claim("epoll_wait-reports-ready-queues-in-turn", (const char *)order);
	must(mq_close(jobs));
	must(mq_close(control));
	return 0;
}
