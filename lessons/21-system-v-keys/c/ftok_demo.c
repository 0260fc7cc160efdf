/* ftok puts only 16 bits of the inode number into a key, so two files can have the same key. */
#define _GNU_SOURCE /* unshare */
#include "../../c/apart.h"
#include "../../c/claim.h"
#include "../../c/turns.h"
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/msg.h>

static const char *same(key_t key, key_t other) {
	return key == other ? "the same key" : "another key";
}

static int create(const char *path) {
	int fd = must(open(path, O_CREAT | O_EXCL | O_RDWR, 0600));
	must(write(fd, "settings", 8));
	return fd;
}

/* Another program with this mistake may use key -1, so B tries it in a namespace of its own. */
static void b(int a) {
	go_apart();
	key_t unchecked = ftok("missing", 1), another = ftok("missing too", 2);
	tell(a, outcome(msgget(unchecked, IPC_CREAT | 0600)));
	tell(a, outcome(msgget(another, IPC_CREAT | IPC_EXCL | 0600)));
}

int main(void) {
	char folder[] = "/tmp/ftok_demo.XXXXXX";
	if (mkdtemp(folder) == NULL)
		die("mkdtemp");
	must(chdir(folder));
	int fd = create("path"); /* stays open to the end, so that no other file gets its inode */
	key_t key = must(ftok("path", 1));
	claim("only-8-bits-of-the-project-id-count", same(key, ftok("path", 0x101)));
	claim("another-project-id-gives-another-key", same(key, ftok("path", 2)));
	claim("glibc-accepts-the-project-id-0", outcome(ftok("path", 0)));

	must(write(fd, "more", 4));
	claim("the-contents-of-the-file-do-not-change-its-key", same(key, ftok("path", 1)));
	must(rename("path", "moved"));
	claim("a-moved-file-keeps-its-key", same(key, ftok("moved", 1)));
	must(link("moved", "second"));
	claim("a-hard-link-has-the-key-of-its-file", same(key, ftok("second", 1)));
	create("copy");
	claim("a-copy-has-another-key", same(key, ftok("copy", 1)));
	must(unlink("moved"));
	create("moved");
	claim("a-file-created-again-has-another-key", same(key, ftok("moved", 1)));
	must(unlink("moved"));
	must(unlink("second"));
	must(unlink("copy"));
	must(rmdir(folder));

	claim("without-the-file-ftok-fails", outcome(ftok("missing", 1)));
	pid_t pid;
	int end = begin(b, &pid);
	claim("an-unchecked-failure-is-a-key-like-any-other", hear(end));
	claim("programs-that-do-not-check-ftok-share-one-key", hear(end));
	finish(pid);
	return 0;
}
