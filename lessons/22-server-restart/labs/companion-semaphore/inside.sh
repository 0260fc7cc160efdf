shm=0x6c616233
sem=0x6c616234

first_value() {
	peer values $sem | sed 's/ .*//'
}

# Three at once, in one of the many orders, and then many updates.
experiment
start $shm $sem 3
first=$pid
start $shm $sem 3
second=$pid
start $shm $sem 3
ends && all=$end
ends "$first" && all="$all, $end"
ends "$second" && all="$all, $end"
judge no-update-is-lost "$all, $(peer numbers $shm)" "exit code 0, exit code 0, exit code 0, 9 45"
judge the-value-is-never-above-1 "$all, value $(first_value)" "exit code 0, exit code 0, exit code 0, value 1"
modes=$(awk 'FNR == 2 { print $3 }' /proc/sysvipc/sem /proc/sysvipc/shm | tr '\n' ' ')
judge both-objects-are-for-their-user-alone "modes $modes" "modes 600 600 "
run $shm $sem 300
judge no-update-is-lost "300 more: $end, $(peer numbers $shm)" "300 more: exit code 0, 309 47895"

# Another process is at work.
experiment
run $shm $sem 1
peer add $sem 0 -1
start $shm $sem 1
comes sleeps_in "$SEMOP"
waits="$(yes_or_no sleeps_in "$SEMOP"), numbers $(peer numbers $shm)"
peer add $sem 0 1
ends
judge_wait who-waits-sleeps-in-semop "waits: $waits, then $end, numbers $(peer numbers $shm)" \
	"waits: yes, numbers 1 1, then exit code 0, numbers 2 3"

# The removal waits while another process is at work.
experiment
run $shm $sem 1
peer add $sem 0 -1
start $shm $sem 0
comes sleeps_in "$SEMOP"
sleep 0.3
meanwhile=$(objects)
peer add $sem 0 1
ends
judge removed-in-the-right-order "meanwhile: $meanwhile, then $end, left: $(objects)" "meanwhile: sem shm, then exit code 0, left: nothing"
