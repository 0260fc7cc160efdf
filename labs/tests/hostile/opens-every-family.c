/* Creates a socket of each address family, and binds a port with AF_VSOCK, which network namespaces do not isolate. */
#include <linux/vm_sockets.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static void out(const char *way, int family) {
	char name[64];
	snprintf(name, sizeof name, "/escaped-%s-%d", way, family);
	shm_open(name, O_CREAT | O_RDWR, 0600);
}

int main(void) {
	for (int family = 0; family < 64; family++)
		for (int type = SOCK_STREAM; type <= SOCK_PACKET; type++) {
			int ends[2], fd = socket(family, type, 0);
			if (family == AF_UNIX || family == AF_NETLINK)
				continue;
			if (fd != -1)
				out("socket", family);
			if (socketpair(family, type, 0, ends) == 0)
				out("socketpair", family);
			struct sockaddr_vm any = {.svm_family = family, .svm_cid = VMADDR_CID_ANY, .svm_port = 47124};
			if (bind(fd, (void *)&any, sizeof any) == 0)
				out("bind", family);
		}
	return 1;
}
