# Two inputs. The output has room for 10 messages unless it is said otherwise.
queues() { # [ROOM]
	experiment
	peer queue /out "${1:-10}" 64
	peer queue /in1 4 64
	peer queue /in2 4 64
}

# Messages that are there before, and later ones.
queues
peer send /in1 5 five
peer send /in1 0 zero ''
peer send /in2 7 seven
start /out /in1 /in2
comes has_bytes /out 13
peer send /in2 2 later
comes has_bytes /out 18
sleep 0.2
judge each-message-is-moved "$(messages /out)" "7 seven, 5 five, 2 later, 0 zero, 0 "

# Then there is nothing to do.
queues
peer send /in1 0 a b c d
start /out /in1 /in2
comes has_bytes /out 4
becomes_idle
judge it-sleeps-while-there-is-nothing-to-do "$(bytes_in /out) bytes moved, idle: $idle" "4 bytes moved, idle: yes"

# SIGTERM while it sleeps, and while the output is full.
kill -TERM "$pid"
ends
seen="$end, $(bytes_in /out) bytes moved"
queues 1
peer send /out 0 full
peer send /in1 0 a b c
start /out /in1 /in2
sleep 0.7
kill -TERM "$pid"
ends
judge SIGTERM-ends-it-and-loses-nothing "$seen; full: $end, $(messages /out) and $(messages /in1)" \
	"exit code 0, 4 bytes moved; full: exit code 0, 0 full and 0 a, 0 b, 0 c"

# The output is full for a while.
queues 1
peer send /out 0 full
peer send /in1 0 a b c
start /out /in1 /in2
becomes_idle
judge it-sleeps-while-the-output-is-full "idle: $idle, $(next_messages /out 4)" "idle: yes, 0 full, 0 a, 0 b, 0 c"

# A sender waits at a full input.
queues
peer send /in1 0 a b c d
peer send /in1 0 e f &
sleep 0.3
start /out /in1 /in2
comes has_bytes /out 6
judge a-sender-that-waits-is-served "$(messages /out)" "0 a, 0 b, 0 c, 0 d, 0 e, 0 f"

# Failures.
queues
peer send /in1 0 stays
run /out
seen="no input: $end"
run /none /in1
seen="$seen, no output: $end"
run /out /in1 /none
judge each-failure-has-its-exit-code "$seen, missing input: $end, $(messages /in1)" \
	"no input: exit code 2, no output: exit code 1, missing input: exit code 1, 0 stays"
