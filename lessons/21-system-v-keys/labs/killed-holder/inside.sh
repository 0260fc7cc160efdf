key=0x6c616235

# Three at once, in one of the many orders, and one with many sections.
experiment
peer set $key 1 0
start $key 3
first=$pid
start $key 3
second=$pid
start $key 3
ends && all=$end
ends "$first" && all="$all, $end"
ends "$second" && all="$all, $end"
judge each-section-is-made-and-counted "$all, values $(peer values $key)" "exit code 0, exit code 0, exit code 0, values 1 9"
run $key 300
judge each-section-is-made-and-counted "300 more: $end, values $(peer values $key)" "300 more: exit code 0, values 1 309"

# The end of a process changes nothing.
experiment
peer set $key 1 0
run $key 3
judge nothing-is-left-to-undo "$end, values $(peer values $key)" "exit code 0, values 1 3"

# Another process is inside.
experiment
peer set $key 0 0
start $key 3
comes sleeps_in "$SEMOP"
waits="$(yes_or_no sleeps_in "$SEMOP"), values $(peer values $key)"
peer add $key 0 1
ends
judge_wait who-waits-sleeps-in-semop "waits: $waits, then $end" "waits: yes, values 0 0, then exit code 0"

# The set is removed while the program waits, or does not exist.
experiment
peer set $key 0 0
start $key 3
comes sleeps_in "$SEMOP"
sleep 0.2
peer remove $key
ends
removed=$end
run $key 3
judge a-removed-set-ends-it "removed: $removed; no set: $end" "removed: exit code 3; no set: exit code 3"
