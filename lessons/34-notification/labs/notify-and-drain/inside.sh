# Whether the program is registered, and the queue is empty.
is_registered() {
	grep -q 'QSIZE:0 .*NOTIFY_PID:[1-9]' /dev/mqueue/lab
}

lines() {
	tr '\n' ' ' <"$out"
}

has_lines() { # COUNT
	[ "$(wc -l <"$out")" -ge "$1" ]
}

# Messages at the start, and later ones.
anew
peer queue /lab 8 200 one two
start /lab
count=2
comes has_lines 2
comes is_registered
for text in three four; do
	peer send /lab 0 $text
	count=$((count + 1))
	comes has_lines $count
	comes is_registered
done
judge each-message-is-written "$(lines), $(bytes_in /lab) bytes left" "one two three four , 0 bytes left"
sleep 0.3
judge_wait it-waits-for-a-notification "registered: $(yes_or_no is_registered), in mq_receive: $(yes_or_no sleeps_in "$MQ"), $(lines)" \
	"registered: yes, in mq_receive: no, one two three four "

# SIGTERM while it waits.
kill -TERM "$pid"
ends
judge SIGTERM-at-any-call-ends-it "$end, $(lines), $(cat /dev/mqueue/lab | tr -s ' ' | sed 's/.*NOTIFY_PID/NOTIFY_PID/')" \
	"exit code 0, one two three four , NOTIFY_PID:0"

# Another process is registered.
anew
peer queue /lab 8 200
peer register /lab &
other=$!
comes is_registered
run /lab
sed 's/.*NOTIFY_PID:/NOTIFY_PID /' /dev/mqueue/lab >registered
judge EBUSY-ends-it-with-code-3 "$end, $(cat registered), $(lines)" "exit code 3, NOTIFY_PID $other, "

# An empty message.
anew
peer queue /lab 8 200 one '' two
run /lab
judge an-empty-message-ends-it "$end, $(lines), left: $(messages /lab), $(objects)" "exit code 0, one , left: 0 two, lab"

# Failures.
anew
run /none
seen=$end
run
seen="$seen, $end"
run /lab /lab
judge each-failure-has-its-exit-code "$seen, $end, $(objects)" "exit code 1, exit code 2, exit code 2, nothing"
