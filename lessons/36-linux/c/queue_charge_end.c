/* A queue is charged until it is destroyed. A new IPC namespace does not change that, and its end does. */
#define _GNU_SOURCE /* unshare */
#include "../../c/charge.h"
#include "../../c/container.h"
#include "../../c/turns.h"

static void b(int end) {
	(void)end;
	must(enter_user_namespace(0, 0, CLONE_NEWIPC));
	limit_charge(2 * SMALLEST);
	mqd_t first = must(create_smallest("/first"));
	must(unshare(CLONE_NEWIPC)); /* the old namespace has one queue, which B has open */
	must(mq_close(must(create_smallest("/second"))));
	claim("a-new-IPC-namespace-does-not-begin-a-new-sum", outcome(create_smallest("/third")));

	must(mq_close(first));
	must(unshare(CLONE_NEWIPC)); /* now no process is in the namespaces of the two queues */
	mqd_t fourth;
	for (int i = 0; (fourth = create_smallest("/fourth")) == -1 && i < 1000; i++)
		usleep(5000); /* the kernel destroys a namespace a little after its end */
	claim("the-end-of-an-IPC-namespace-ends-the-charges-of-its-queues", outcome(fourth));
}

int main(void) {
	in_a_child(b);
	return 0;
}
