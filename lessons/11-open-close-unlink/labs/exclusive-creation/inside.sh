# Three at once, in one of the many orders.
experiment
start /lab
first=$pid
start /lab
second=$pid
start /lab
third=$pid
ends "$first" && all=$end
ends "$second" && all="$all, $end"
ends "$third" && all="$all, $end"
all=$(echo "$all" | tr ',' '\n' | sed 's/^ //' | sort | tr '\n' ',')
judge exactly-one-creates "$all" "exit code 0,exit code 1,exit code 1,"

# The next one finds this queue.
before=$(inode /dev/mqueue/lab)
run /lab
judge the-queue-is-made-once "inode $before, $end, inode $(inode /dev/mqueue/lab)" "inode [0-9]*, exit code 1, inode $before"

# A queue of another program, with a message: one that can be opened, and one that cannot.
for mode in 600 0; do
	experiment
	peer queue /lab 2 16
	peer send /lab 5 "still here"
	chmod $mode /dev/mqueue/lab
	before=$(inode /dev/mqueue/lab)
	run /lab
	after="inode $(inode /dev/mqueue/lab), mode $(mode /dev/mqueue/lab), message $(messages /lab)"
	judge a-queue-that-exists-is-left-alone "$end, $after" "exit code 1, inode $before, mode $mode, message 5 still here"
done

# Names that no queue can have.
for name in /lab/no / "/$(head -c 256 /dev/zero | tr '\0' x)"; do
	experiment
	run "$name"
	[ -s "$err" ] && why=something || why=nothing
	judge other-errors-are-told-apart "$end, standard error has $why, left: $(objects)" "exit code 2, standard error has something, left: nothing"
done
