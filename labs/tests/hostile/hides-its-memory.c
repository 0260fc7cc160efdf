/* Fills memory that is in no process: segments that nobody has attached, and memory without a name in flight. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 60 << 20, PIECES = 30 };

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

static int fill(char *piece) {
	if (piece == MAP_FAILED)
		return 0;
	memset(piece, 1, PIECE);
	return 1;
}

static void escaped(const char *name) { shm_open(name, O_CREAT | O_RDWR, 0600); }

int main(void) {
	int ends[2], held = 0;
	socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
	for (int n = 0; n < PIECES; n++) {
		int fd = memfd_create("piece", 0);
		if (fd == -1 || ftruncate(fd, PIECE) == -1)
			break;
		char *piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		held += fill(piece);
		munmap(piece, PIECE);
		send_to_itself(ends[0], fd);
	}
	if (held == PIECES)
		escaped("/escaped-memory-in-flight");
	held = 0;
	for (int n = 0; n < PIECES; n++) {
		char *piece = shmat(shmget(IPC_PRIVATE, PIECE, 0600), NULL, 0);
		held += fill(piece);
		shmdt(piece);
	}
	usleep(100000);
	if (held == PIECES)
		escaped("/escaped-segments");
	return 1;
}
