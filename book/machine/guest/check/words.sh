# The words with which an inside.sh runs a program and judges it.
#
#   experiment            begins a new one: ends all processes and removes all objects
#   run ARGUMENT...       runs the program to its end; then $end is "exit code 0", and $out is the file with its output
#   start ARGUMENT...     starts it, and sets $pid and $out; its standard input is the file $input
#   ends [PID]            waits for the end of a started program, and sets $end
#   comes COMMAND...      waits until a command succeeds
#   sleeps_in FUNCTION    whether a process sleeps in a function of the kernel: $MQ, $MSGRCV, $SEMOP
#   clock                 sets $now, in hundredths of a second
#   becomes_idle          waits until all processes sleep, for half a second at least, and sets $idle to yes or no
#   inode FILE, mode FILE, objects, messages NAME   print what the kernel shows
#   next_messages NAME COUNT   waits for so many messages, and prints them
#   judge ID OBSERVED WANTED   the line passes if both texts are equal; WANTED may be a pattern of the shell
#   judge_wait ID OBSERVED WANTED   the same, for what sleeps_in has found
#
# `peer` plays the other side of the program; its source lists what it can do. A line may be judged several times: its first
# flaw counts. A line that is never judged is left to the grader.

LIMIT=6                 # the seconds of a run
MQ='wq_sleep\|mq_timed' # the functions in which mq_receive and mq_send sleep
MSGRCV=do_msgrcv
SEMOP=semtimedop

experiment() {
	kill -KILL -1 2>/dev/null # process 1 itself stays
	wait
	rm -rf /dev/mqueue/* /dev/mqueue/.[!.]* /dev/shm/* /dev/shm/.[!.]* "$check_work"/here/*
	peer clean
	late=no
	patience=$later
	input=/dev/null
	umask 022
}

run() {
	start "$@"
	ends
}

runs=0
later=$LIMIT # how long the next experiment waits for something
start() {
	runs=$((runs + 1))
	out=$check_work/out.$runs
	err=$check_work/err.$runs
	peer bare "$program" "$@" <"$input" >"$out" 2>"$err" 9>&- &
	pid=$!
}

ends() {
	if comes is_over "${1:-$pid}"; then
		wait "${1:-$pid}"
		end="exit code $?"
	else
		kill -KILL "${1:-$pid}"
		wait "${1:-$pid}"
		end="no end after $LIMIT seconds"
		late=yes
	fi 2>/dev/null
}

# A process that nobody has waited for is a zombie.
is_over() { # PID
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	case $stat in *') Z '*) ;; *) return 1 ;; esac
}

comes() {
	clock
	deadline=$((now + 100 * patience))
	until "$@" 2>/dev/null; do
		clock
		[ "$now" -lt "$deadline" ] || {
			patience=1 # what follows in this experiment will hardly come
			later=3
			return 1
		}
		sleep 0.1
	done
}

# Sets $now, in hundredths of a second.
clock() {
	read -r now _ </proc/uptime
	now=${now%.*}${now#*.}
}

sleeps_in() {
	grep -qs "$1" /proc/[0-9]*/task/[0-9]*/wchan
}

becomes_idle() {
	if comes is_idle; then idle=yes; else idle=no; fi
}

is_idle() {
	activity=$(peer activity)
	sleep 0.5
	[ "$(peer activity)" = "$activity" ]
}

# Some kernels do not show in which function a process sleeps.
kernel_names_waits() {
	sleep 9 &
	comes grep -q sleep "/proc/$!/wchan" && names_waits=yes || names_waits=no
}

yes_or_no() { # COMMAND...
	if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi
}

# All objects on one line: the names, and msg, sem or shm for each System V object.
objects() {
	all=$(
		ls -A /dev/mqueue /dev/shm | grep -v -e '^$' -e ':$'
		for kind in msg sem shm; do tail -n +2 "/proc/sysvipc/$kind" | sed "s/.*/$kind/"; done
	)
	# shellcheck disable=SC2086 # words
	echo ${all:-nothing}
}

# Counts the processes but the first one, in $others. A zombie is a process that has ended.
count_others() {
	others=0
	for process in /proc/[0-9]*; do
		[ "$process" = /proc/1 ] || is_over "${process#/proc/}" || others=$((others + 1))
	done
}

inode() { # FILE
	stat -c %i "$1" 2>/dev/null || echo none
}

mode() { # FILE
	stat -c %a "$1" 2>/dev/null || echo none
}

# The number of bytes in a POSIX queue.
bytes_in() { # NAME
	sed 's/QSIZE:\([0-9]*\).*/\1/' "/dev/mqueue$1" 2>/dev/null || echo none
}

has_bytes() { # NAME BYTES
	[ "$(bytes_in "$1")" = "$2" ]
}

# Gives the program's standard input line by line: before `start`, input_from_here; then open_input, line, and `exec 8>&-`.
input_from_here() {
	mkfifo lines
	input=lines
}

open_input() {
	exec 8>lines
}

line() { # TEXT
	echo "$1" >&8
} 2>/dev/null

# Waits for each message of a POSIX queue, receives it, and prints all on one line: "0 one, 5 two".
next_messages() { # NAME COUNT
	for _ in $(seq "$2"); do
		comes has_a_message "$1"
		peer receive "$1" 1
	done | on_one_line
}

has_a_message() { # NAME
	! has_bytes "$1" 0
}

# The messages of a POSIX queue with their priorities, on one line: "0 one, 5 two". They are received.
messages() { # NAME
	peer receive "$1" 2>/dev/null | on_one_line
}

on_one_line() {
	sed '$!s/$/,/' | tr '\n' ' ' | sed 's/ $//'
}

judge() {
	grep -q "^$1	" "$check_lab/rubric" || echo "inside.sh judges $1, which is no line of lab.toml" >>"$check_work/unknown"
	: >"$check_work/judged/$1"
	# shellcheck disable=SC2254 # a pattern
	case $2 in
	$3) return ;;
	esac
	# A program that sleeps for long has no flaw: the clock of the grader jumps.
	case $late in
	yes) : >"$check_work/late/$1" ;;
	no) [ -e "$check_work/lost/$1" ] || printf '%s\n' "$2" >"$check_work/lost/$1" ;;
	esac
}

judge_wait() {
	[ "$names_waits" = no ] || judge "$@"
}

report() {
	code=0
	while IFS='	' read -r id says required; do
		if [ ! -e "$check_work/judged/$id" ]; then
			echo "not judged here: $id — $says; the grader on a Linux machine judges it"
		elif [ -e "$check_work/lost/$id" ]; then
			# What a program prints must not reach the terminal as it is.
			echo "failed: $id — observed: $(tr -cd ' -~' <"$check_work/lost/$id" | cut -c 1-300); required: $required"
			code=1
		elif [ -e "$check_work/late/$id" ]; then
			echo "undecided: $id — the program was ended after $LIMIT seconds; the grader tells whether it hangs or only sleeps"
			code=1
		else
			echo "passed: $id"
		fi
	done <"$check_lab/rubric"
	cat "$check_work/unknown" >&2
	echo "This is no grade. The grader on a Linux machine judges all lines, and tries many orders of the calls."
	exit "$code"
}
