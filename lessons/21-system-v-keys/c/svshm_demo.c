/* IPC_RMID removes the key of a segment at once, and the memory when the last process detaches. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define KEY 55555
#define TEXT "Hello"

static struct shmid_ds look(int shmid) {
	struct shmid_ds ds;
	must(shmctl(shmid, IPC_STAT, &ds));
	return ds;
}

/* The name that /proc/self/maps shows for this memory. */
static const char *name_of(const void *memory) {
	static char line[256];
	FILE *maps = fopen("/proc/self/maps", "r");
	if (maps == NULL)
		die("/proc/self/maps");
	while (fgets(line, sizeof line, maps))
		if (strtoul(line, NULL, 16) == (unsigned long)memory)
			break;
	fclose(maps);
	line[strcspn(line, "\n")] = '\0';
	return strchr(line, '/') ? strchr(line, '/') : "no name";
}

/* Attaches the segment by its key, and reads it. */
static void b(int a) {
	hear(a);
	char *memory = must(shmat(must(shmget(KEY, 0, 0)), NULL, SHM_RDONLY));
	if (strcmp(memory, TEXT) != 0)
		die("shmat");
	tell(a, "read");
	hear(a);
	must(shmdt(memory));
}
static void c(int a) {
	tell(a, "here");
	hear(a);
}

int main(void) {
	pid_t pid, child;
	int end = begin(b, &pid); /* before the segment exists, so that it inherits nothing */
	int shmid = must(shmget(KEY, 4096, IPC_CREAT | IPC_EXCL | 0600));
	claim("a-new-segment-is-attached-nowhere", look(shmid).shm_nattch);
	char *memory = must(shmat(shmid, NULL, 0));
	static const char zeros[4096];
	claim("a-new-segment-reads-as-zero", (bool)(memcmp(memory, zeros, sizeof zeros) == 0));
	char *twice = must(shmat(shmid, NULL, 0));
	claim("nattch-counts-attachments-and-not-processes", look(shmid).shm_nattch);
	must(shmdt(twice));
	strcpy(memory, TEXT);
	claim("in-proc-maps-the-name-is-the-key", name_of(memory));

	tell(end, "go");
	hear(end);
	claim("each-process-that-attaches-counts", look(shmid).shm_nattch);
	hear(begin(c, &child));
	claim("fork-attaches-the-child-too", look(shmid).shm_nattch);
	kill_and_reap(child);
	claim("the-kernel-detaches-a-killed-process", look(shmid).shm_nattch);
	tell(end, "end");
	finish(pid);
	must(shmdt(memory));
	claim("shmdt-counts-down-to-0-and-destroys-nothing", look(shmid).shm_nattch);
	memory = must(shmat(shmid, NULL, 0));
	claim("a-segment-without-attachments-keeps-its-text",
		  strcmp(memory, TEXT) == 0 ? "there, with its text" : "there, and empty");

	/* Remove the segment while it is attached. */
	char mode[8];
	must(shmctl(shmid, IPC_RMID, NULL));
	snprintf(mode, sizeof mode, "%04o", look(shmid).shm_perm.mode);
	claim("IPC_RMID-adds-SHM_DEST-to-the-mode-while-it-is-attached", mode);
	claim("IPC_RMID-takes-the-key-away", look(shmid).shm_perm.__key);
	claim("the-key-of-a-removed-segment-is-free-at-once", outcome(shmget(KEY, 0, 0)));
	int anew = must(shmget(KEY, 4096, IPC_CREAT | IPC_EXCL | 0600));
	claim("the-key-leads-to-another-segment-now", (bool)(anew != shmid));
	char *again = shmat(shmid, NULL, SHM_RDONLY);
	claim("linux-attaches-a-removed-segment-by-its-identifier", outcome((long)again));
	must(shmdt(again));

	must(shmdt(memory));
	struct shmid_ds ds;
	claim("the-last-shmdt-destroys-a-removed-segment", outcome(shmctl(shmid, IPC_STAT, &ds)));
	must(shmctl(anew, IPC_RMID, NULL));
	claim("IPC_RMID-destroys-a-segment-without-attachments-at-once", outcome(shmctl(anew, IPC_STAT, &ds)));
	return 0;
}
