# The wish is allowed.
experiment
run /lab 4 64
judge an-allowed-wish-is-granted "$end, $(cat "$out"), attributes $(peer attributes /lab 2>/dev/null), $(objects)" \
	"exit code 0, created 4 64, attributes 4 64, lab"

# The wish is above the settings.
msg_max=$(cat /proc/sys/fs/mqueue/msg_max)
size_max=$(cat /proc/sys/fs/mqueue/msgsize_max)
experiment
run /lab 1000 64
judge a-wish-above-a-setting-is-reduced "$end, $(cat "$out"), attributes $(peer attributes /lab 2>/dev/null)" \
	"exit code 0, reduced $msg_max 64, attributes $msg_max 64"
experiment
run /lab 4 1000000
judge a-wish-above-a-setting-is-reduced "$end, $(cat "$out"), attributes $(peer attributes /lab 2>/dev/null)" \
	"exit code 0, reduced 4 $size_max, attributes 4 $size_max"

# The queue exists.
experiment
peer queue /lab 3 32 theirs
before=$(inode /dev/mqueue/lab)
run /lab 1000 64
judge an-existing-queue-keeps-its-attributes "$end, $(cat "$out"), inode $(inode /dev/mqueue/lab), $(messages /lab)" \
	"exit code 0, existing 3 32, inode $before, 0 theirs"

# Two at once, in one of the many orders.
experiment
start /lab 4 64
first=$pid
report_of_first=$out
start /lab 5 32
ends
codes=$end
ends "$first"
reports=$(cut -d ' ' -f 1 "$report_of_first" "$out" | sort | tr '\n' ' ')
judge of-two-at-once-one-creates "$codes, $end, $reports" "exit code 0, exit code 0, created existing "

# A command.
experiment
run /lab 4 64 sh -c 'readlink /proc/self/fd/3; sed -n "s/flags:[^0-9]*//p" /proc/self/fdinfo/3; exit 7'
flags=$(tail -n 1 "$out")
case $flags in 0*[!0-9]* | '' | [!0]*) flags=0 ;; esac
judge the-command-gets-a-queue-that-waits "$(head -n 2 "$out" | tr '\n' ' ')access mode $((flags & 3)), O_NONBLOCK $((flags & 04000))" \
	"created 4 64 /lab access mode 2, O_NONBLOCK 0"
seen=$end
experiment
run /lab 0 64
seen="$seen, $end"
run /lab 4
judge each-end-has-its-exit-code "$seen, $end, left: $(objects)" "exit code 7, exit code 2, exit code 2, left: nothing"
