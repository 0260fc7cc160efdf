/* Fills memory that is in no process and no file system: it has no name and is in flight in a socket. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 60 << 20, PIECES = 19 };

static void send_to_itself(int socket, int fd) {
	char control[CMSG_SPACE(sizeof fd)] = {0}, byte = 0;
	struct iovec bytes = {&byte, 1};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(rights), &fd, sizeof fd);
	sendmsg(socket, &message, MSG_DONTWAIT);
	close(fd);
}

int main(void) {
	int ends[2], held = 0;
	socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
	for (; held < PIECES; held++) {
		int fd = memfd_create("piece", 0);
		if (fd == -1 || ftruncate(fd, PIECE) == -1)
			break;
		char *piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		memset(piece, 1, PIECE);
		munmap(piece, PIECE);
		send_to_itself(ends[0], fd);
	}
	usleep(100000);
	if (held == PIECES)
		shm_open("/escaped-memory", O_CREAT | O_RDWR, 0600);
	return 1;
}
