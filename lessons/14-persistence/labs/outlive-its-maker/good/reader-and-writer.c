/* Two threads and a pipe between them: one reads, one writes into a file without a name, and the main thread names it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int file, ends[2];

static void copy(int from, int to) {
	char bytes[1000];
	ssize_t n;
	while ((n = read(from, bytes, sizeof bytes)) > 0)
		for (ssize_t done = 0, more; done < n; done += more)
			if ((more = write(to, bytes + done, n - done)) < 0)
				_exit(3);
}

static void *reader(void *unused) {
	copy(STDIN_FILENO, ends[1]);
	close(ends[1]);
	return unused;
}

static void *writer(void *unused) {
	copy(ends[0], file);
	return unused;
}

int main(int argc, char **argv) {
	if (argc != 2)
		return 2;
	int folder = open("/dev/shm", O_PATH | O_DIRECTORY);
	file = openat(folder, ".", O_TMPFILE | O_WRONLY, 0644);
	pthread_t threads[2];
	if (file == -1 || pipe(ends) == -1)
		return 3;
	pthread_create(&threads[0], NULL, reader, NULL);
	pthread_create(&threads[1], NULL, writer, NULL);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", file);
	if (linkat(folder, link, folder, argv[1] + 1, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	perror(argv[1]);
	return 1;
}
