# Whether somebody is registered, and the queue is empty.
is_registered() {
	[ "$(bytes_in /lab)" = 0 ] && [ "$(registered)" != 0 ]
}

registered() { # prints the process id, or 0
	sed 's/.*NOTIFY_PID:\([0-9]*\).*/\1/' /dev/mqueue/lab || echo 0
}

lines() {
	tr '\n' ' ' <"$out"
}

has_lines() { # COUNT
	[ "$(wc -l <"$out")" -ge "$1" ]
}

# Messages at the start, and later ones. Messages may be long.
experiment
peer queue /lab 8 200 one two
start /lab
comes has_lines 2
comes is_registered
for count in 3 4; do
	peer send /lab 0 "message-$count"
	comes has_lines $count
	comes is_registered
done
judge each-message-is-written "$(lines), $(bytes_in /lab) bytes left" "one two message-3 message-4 , 0 bytes left"

# It waits, also after a message, and SIGTERM ends it.
experiment
peer queue /lab 8 64
start /lab
comes is_registered
peer send /lab 0 one
comes is_registered
sleep 0.3
waits="registered: $(yes_or_no is_registered), in mq_receive: $(yes_or_no sleeps_in "$MQ")"
judge_wait it-waits-for-a-notification "$waits" "registered: yes, in mq_receive: no"
experiment
peer queue /lab 8 64
start /lab
comes is_registered
sleep 0.2
kill -TERM "$pid"
ends
judge SIGTERM-at-any-call-ends-it "$end, registered: $(registered)" "exit code 0, registered: 0"

# Another process is registered.
experiment
peer queue /lab 8 64
peer register /lab &
other=$!
comes is_registered
run /lab
judge EBUSY-ends-it-with-code-3 "$end, registered: $(yes_or_no [ "$(registered)" = "$other" ]), $(lines)" "exit code 3, registered: yes, "

# An empty message.
experiment
peer queue /lab 8 64 one '' two
run /lab
judge an-empty-message-ends-it "$end, $(lines), left: $(messages /lab), $(objects)" "exit code 0, one , left: 0 two, lab"

# Failures. A program that has created a queue may wait there.
experiment
run
seen="no argument: $end"
run /lab /lab
seen="$seen, two arguments: $end"
start /none
sleep 0.5
judge each-failure-has-its-exit-code "$seen, no queue: $(objects)" "no argument: exit code 2, two arguments: exit code 2, no queue: nothing"
ends
judge each-failure-has-its-exit-code "no queue: $end" "no queue: exit code 1"
