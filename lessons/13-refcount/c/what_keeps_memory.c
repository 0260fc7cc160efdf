/* Shared memory is freed when its name, its last descriptor and its last mapping are all gone. */
#include "../../c/claim.h"
#include "../../c/holders.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define NAME "/what_keeps_memory"
#define SIZE (4 << 20)

/* How many MiB of /dev/shm are in use. */
static long used(void) {
	struct statvfs fs;
	must(statvfs("/dev/shm", &fs));
	return (long)((fs.f_blocks - fs.f_bfree) * fs.f_frsize >> 20);
}

/* Touching a page for which there is no room causes SIGBUS; no call returns an error. */
static void look_for_room(void) {
	struct statvfs fs;
	must(statvfs("/dev/shm", &fs));
	if (fs.f_bavail * fs.f_frsize < SIZE) {
		fprintf(stderr, "/dev/shm has less than 4 MiB free; try mount -o remount,size=64M /dev/shm\n");
		exit(3);
	}
}

int main(void) {
	struct stat memory;
	look_for_room();
	long before = used();
	int fd = must(shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0600));
	must(ftruncate(fd, SIZE));
	char *at = must(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	memset(at, 'x', SIZE);
	claim("touched-pages-take-room-in-dev-shm", used() - before);
	must(shm_unlink(NAME));
	must(munmap(at, SIZE));
	claim("a-descriptor-keeps-the-memory-after-unlink-and-munmap", used() - before);
	at = must(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	must(fstat(fd, &memory));
	must(close(fd));
	claim("a-mapping-keeps-the-memory-after-unlink-and-close", used() - before);
	claim("no-descriptor-of-the-memory-is-left", descriptors(getpid(), memory));
	claim("the-mapping-is-the-last-reference", mappings(getpid(), memory.st_ino));
	must(munmap(at, SIZE));
	claim("the-last-munmap-frees-the-memory", used() - before);
	return 0;
}
