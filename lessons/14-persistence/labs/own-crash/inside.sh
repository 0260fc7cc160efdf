# Two counts.
for count in 4 10; do
	experiment
	run /lab $count
	left=$(objects)
	orders=$(messages /lab)
	wanted=$(seq $count | sed 's/^/0 /; $!s/$/,/' | tr '\n' ' ')
	judge a-first-run-does-the-work "$end, $orders" "exit code 0, ${wanted% }"
	judge nothing-else-is-left "$end, $left" "exit code 0, lab"
done

# A run that was killed has left half of the work: here the queue is cut short by hand.
experiment
run /lab 4
all=$(messages /lab)
peer send /lab 0 1 2
run /lab 4
judge the-next-run-finishes-what-a-killed-one-began "first $all; after two orders: $end, $(messages /lab)" \
	"first 0 1, 0 2, 0 3, 0 4; after two orders: exit code 0, 0 1, 0 2, 0 3, 0 4"

# Two at once, in one of the many orders.
experiment
start /lab 4
first=$pid
start /lab 4
ends
codes=$end
ends "$first"
codes="$codes, $end"
case $codes in *0*) one=yes ;; *) one=no ;; esac
judge two-at-once-do-the-work-once "one exit code 0: $one, $codes, $(messages /lab)" \
	"one exit code 0: yes, exit code [03], exit code [03], 0 1, 0 2, 0 3, 0 4"

# Wrong usage.
for arguments in /lab "/lab 4 5"; do
	experiment
	# shellcheck disable=SC2086 # words
	run $arguments
	judge wrong-usage-is-told "$arguments: $end, $(objects)" "$arguments: exit code 2, nothing"
done
