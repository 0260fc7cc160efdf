lines() {
	tr '\n' ' ' <"$out"
}

# Up to the message end.
experiment
peer queue /lab 8 64 one '' endless end three
run /lab 5000
judge messages-are-written-until-the-end "$end, $(lines), left $(messages /lab)" "exit code 0, one  endless , left 0 three"

# It waits.
experiment
peer queue /lab 8 64
start /lab 30000
becomes_idle
peer send /lab 0 late
comes grep -q late "$out"
peer send /lab 0 end
ends
judge it-waits-in-the-kernel "idle: $idle, $(lines), $end" "idle: yes, late , exit code 0"

# The time is over: not before it, and not much later.
experiment
peer queue /lab 8 64
clock
began=$now
run /lab 1700
clock
took=$((now - began))
[ $took -ge 165 ] && took="long enough"
judge the-program-ends-at-its-deadline "$end, after $took" "exit code 4, after long enough"

# A message comes meanwhile.
experiment
peer queue /lab 8 64
start /lab 3000
sleep 1
peer send /lab 0 late
ends
lines=$(lines)
judge a-message-does-not-move-the-deadline "$end, $lines" "exit code 4, late "

# Other ends.
experiment
run /none 1000
seen="no queue: $end"
run /none
seen="$seen, one argument: $end"
run /none 5s
seen="$seen, 5s: $end"
run /none 0
judge each-end-has-its-exit-code "$seen, 0: $end" "no queue: exit code 3, one argument: exit code 2, 5s: exit code 2, 0: exit code 2"
