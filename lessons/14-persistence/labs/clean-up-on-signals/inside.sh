both_exist() {
	[ "$(objects)" = "lab lab" ]
}

# A message that is not empty, and an empty one.
experiment
start /lab
comes both_exist
sleep 0.2
made="$(objects), $(stat -c %s /dev/shm/lab 2>/dev/null) bytes of memory"
peer send /lab 0 hello 2>/dev/null
comes has_bytes /lab 0
sleep 0.2
made="$made, $(objects) after a message"
peer send /lab 0 '' 2>/dev/null
ends
judge an-empty-message-ends-it "$made, $end, left: $(objects)" "lab lab, 4096 bytes of memory, lab lab after a message, exit code 0, left: nothing"

# Signals while it waits.
for signal in TERM HUP; do
	experiment
	start /lab
	comes both_exist
	sleep 0.3
	made=$(objects)
	kill -$signal "$pid"
	ends
	case $signal in TERM) code=143 ;; HUP) code=129 ;; esac
	judge a-signal-while-it-waits-leaves-nothing "$signal: $made, $end, left: $(objects)" "$signal: lab lab, exit code *, left: nothing"
	judge the-exit-status-tells-of-the-signal "$signal: $end" "$signal: exit code $code"
done

# Somebody else's memory, and then somebody else's queue.
experiment
echo theirs >/dev/shm/lab
before=$(inode /dev/shm/lab)
run /lab
judge what-somebody-else-made-stays "$end, memory $(inode /dev/shm/lab)" "exit code 1, memory $before"
experiment
peer queue /lab 2 16 theirs
before=$(inode /dev/mqueue/lab)
run /lab
judge what-somebody-else-made-stays "$end, queue $(inode /dev/mqueue/lab)" "exit code 1, queue $before"

# Somebody puts other memory under the name.
experiment
start /lab
comes both_exist
sleep 0.3
made=$(objects)
rm -f /dev/shm/lab
echo new >/dev/shm/lab
kill -TERM "$pid"
ends
judge what-has-taken-its-place-stays "$made, $(yes_or_no [ "$end" != "exit code 1" ]), left: $(cat /dev/shm/lab), $(objects)" "lab lab, yes, left: new, lab"

# After SIGKILL.
experiment
start /lab
comes both_exist
kill -KILL "$pid"
ends
start --anew /lab
sleep 0.3
comes both_exist
sleep 0.3
alive=$(yes_or_no kill -0 "$pid")
kill -TERM "$pid"
ends
judge after-SIGKILL-anew-starts "started: $alive, left: $(objects)" "started: yes, left: nothing"
