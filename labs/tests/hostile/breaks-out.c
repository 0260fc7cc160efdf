/* Tries many ways out of the sandbox. Each one that succeeds creates an object with its name. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static void out(const char *way, int succeeded) {
	char name[64];
	snprintf(name, sizeof name, "/escaped-%s", way);
	if (succeeded)
		shm_open(name, O_CREAT | O_RDWR, 0600);
}

static int can_open(const char *path, int flags) { return open(path, flags | O_NONBLOCK) >= 0; }

int main(void) {
	out("unshare-user", unshare(CLONE_NEWUSER) == 0);
	out("unshare-ipc", unshare(CLONE_NEWIPC) == 0);
	out("mount", mount("x", "/work", "tmpfs", 0, "") == 0);
	out("umount", umount2("/program", MNT_DETACH) == 0);
	out("chroot", mkdir("x", 0700) == 0 && chroot("x") == 0);
	out("root-of-1", can_open("/proc/1/root/etc/shadow", O_RDONLY) || can_open("/proc/1/root", O_RDONLY));
	out("memory-of-1", can_open("/proc/1/mem", O_RDWR));
	out("environ-of-1", can_open("/proc/1/environ", O_RDONLY));
	out("ptrace", ptrace(PTRACE_SEIZE, 1, 0, 0) == 0);
	char byte = 0;
	struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
	out("process-vm", process_vm_readv(1, &here, 1, &there, 1, 0) > 0);
	out("setuid", setuid(0) == 0 && getuid() == 0 && can_open("/etc/shadow", O_RDONLY));
	struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
	out("limits", setrlimit(RLIMIT_NPROC, &more) == 0);
	out("hostname", sethostname("x", 1) == 0);
	out("keys", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 0) >= 0);
	out("sysctl", can_open("/proc/sys/kernel/msgmni", O_WRONLY) || can_open("/proc/sys/fs/mqueue/msg_max", O_WRONLY));
	out("home", can_open("/home", O_RDONLY) || can_open("/root", O_RDONLY) || can_open("/var", O_RDONLY));
	out("write-usr", open("/usr/bin/x", O_CREAT | O_WRONLY, 0700) >= 0);
	out("change-itself", can_open("/program/program", O_WRONLY) || unlink("/program/program") == 0);
	out("disk", can_open("/dev/sda", O_RDONLY) || can_open("/dev/vda", O_RDONLY) || can_open("/dev/mem", O_RDONLY));
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	out("tcp", connect(tcp, (void *)&address, sizeof address) == 0);
	int local = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0" SOCKET};
	out("abstract-socket", connect(local, (void *)&name, sizeof(sa_family_t) + sizeof SOCKET) == 0);
	return 1;
}
