# A process that the program may look into, because it has no capabilities either. It sets $other.
other() { # [COMMAND that runs before it, in namespaces of its own]
	if [ $# = 0 ]; then
		peer bare "$(command -v peer)" open /dev/null &
	else
		unshare -i -m sh -c "$1; exec peer bare $(command -v peer) open /dev/null" &
	fi
	other=$!
	comes sleeps_there
}

sleeps_there() {
	[ "$(tr '\0' ' ' <"/proc/$other/cmdline")" = "$(command -v peer) open /dev/null " ]
}

messages_there() {
	nsenter -t "$other" -i peer receive /lab 2>/dev/null | tr '\n' ' '
}

queue_here_and() { # as other
	experiment
	peer queue /lab 2 64
	other "$@"
}

mqueue='mount -t mqueue mqueue /dev/mqueue; peer queue /lab 2 64'

# A process of this namespace.
queue_here_and
run "$other" /lab hello
judge a-process-of-its-own-namespace-means-its-own-queue "$end, $(cat "$out"), here: $(messages /lab), $(objects)" \
	"exit code 0, same, here: 0 hello, lab"
run "$other" /lab "$(head -c 65 /dev/zero | tr '\0' x)"
long="too long: $end"
run 4194304 /lab hello
long="$long, no process: $end"
run "${other}x" /lab hello
long="$long, no number: $end"
run
judge each-failure-has-its-exit-code "$long, no arguments: $end, $(messages /lab)" \
	"too long: exit code 1, no process: exit code 3, no number: exit code 2, no arguments: exit code 2, "

# A process of another namespace.
queue_here_and "$mqueue"
run "$other" /lab hello
judge a-process-of-another-namespace-means-the-queue-there "$end, $(cat "$out"), here: $(messages /lab), there: $(messages_there), $(objects)" \
	"exit code 0, other, here: , there: 0 hello , lab"

# Its folder shows our queues, or is an ordinary folder.
ordinary='while umount /dev/mqueue; do :; done; mount -t tmpfs none /dev; mkdir /dev/mqueue; : >/dev/null; : >/dev/mqueue/lab'
for folder in true "$ordinary"; do
	queue_here_and "$folder"
	run "$other" /lab hello
	judge a-folder-that-shows-no-queues-of-the-process-gets-nothing "$end, output: $(cat "$out"), here: $(messages /lab)" \
		"exit code 6, output: , here: "
done

# There is no such queue.
queue_here_and 'mount -t mqueue mqueue /dev/mqueue'
run "$other" /lab hello
made=$(ls "/proc/$other/root/dev/mqueue")
judge an-absent-queue-stays-absent "$end, output: $(cat "$out"), here: $(messages /lab), made: $made" "exit code 4, output: , here: , made: "

# The queue is full.
queue_here_and "$mqueue; peer send /lab 0 one two"
run "$other" /lab hello
judge a-full-queue-is-reported-at-once "$end, output: $(cat "$out"), there: $(messages_there)" "exit code 5, output: , there: 0 one 0 two "
