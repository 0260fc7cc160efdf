# The words with which an inside.sh runs a program and judges it.
#
#   anew                  ends all processes and removes all objects: a new experiment
#   run ARGUMENT...       runs the program to its end; then $end is "exit code 0", and $out is the file with its output
#   start ARGUMENT...     starts it, and sets $pid and $out; its standard input is the file $input
#   ends [PID]            waits for the end of a started program, and sets $end
#   comes COMMAND...      waits until a command succeeds
#   sleeps_in FUNCTION    whether a process sleeps in a function of the kernel: $MQ, $MSGRCV, $SEMOP
#   inode FILE, mode FILE, objects, messages NAME   print what the kernel shows
#   judge ID OBSERVED WANTED   the line passes if both texts are equal; WANTED may be a pattern of the shell
#   judge_wait ID OBSERVED WANTED   the same, for what sleeps_in has found
#
# `peer` plays the other side of the program; its source lists what it can do. A line may be judged several times: its first
# flaw counts. A line that is never judged is left to the grader.

LIMIT=6 # the seconds of a run
MQ='wq_sleep\|mq_timed' # the functions in which mq_receive and mq_send sleep
MSGRCV=do_msgrcv
SEMOP=semtimedop

anew() {
	kill -KILL -1 2>/dev/null # process 1 itself stays
	wait
	rm -rf /dev/mqueue/* /dev/mqueue/.[!.]* /dev/shm/* /dev/shm/.[!.]* "$work"/here/*
	peer clean
	input=/dev/null
	umask 022
}

run() {
	start "$@"
	ends
}

runs=0
start() {
	runs=$((runs + 1))
	out=$work/out.$runs
	err=$work/err.$runs
	"$program" "$@" <"$input" >"$out" 2>"$err" &
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
	fi 2>/dev/null
}

# A process that nobody has waited for is a zombie.
is_over() { # PID
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	case $stat in *') Z '*) ;; *) return 1 ;; esac
}

comes() {
	tries=$((LIMIT * 20))
	until "$@" 2>/dev/null; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

sleeps_in() {
	grep -qs "$1" /proc/[0-9]*/task/[0-9]*/wchan
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

inode() { # FILE
	stat -c %i "$1" 2>/dev/null || echo none
}

mode() { # FILE
	stat -c %a "$1" 2>/dev/null || echo none
}

# The messages of a POSIX queue with their priorities, on one line: "0 one, 5 two". They are received.
messages() { # NAME
	peer receive "$1" 2>/dev/null | sed '$!s/$/,/' | tr '\n' ' ' | sed 's/ $//'
}

judge() {
	grep -q "^$1	" "$lab/rubric" || echo "inside.sh judges $1, which is no line of lab.toml" >&2
	: >"$work/judged/$1"
	# shellcheck disable=SC2254 # a pattern
	case $2 in
	$3) ;;
	*) [ -e "$work/lost/$1" ] || printf '%s\n' "$2" >"$work/lost/$1" ;;
	esac
}

judge_wait() {
	[ "$names_waits" = no ] || judge "$@"
}

report() {
	code=0
	while IFS='	' read -r id says required; do
		if [ ! -e "$work/judged/$id" ]; then
			echo "not judged here: $id — $says; the grader on a Linux machine judges it"
		elif [ -e "$work/lost/$id" ]; then
			# What a program prints must not reach the terminal as it is.
			echo "failed: $id — observed: $(tr -cd ' -~' <"$work/lost/$id" | cut -c 1-300); required: $required"
			code=1
		else
			echo "passed: $id"
		fi
	done <"$lab/rubric"
	echo "This is no grade. The grader on a Linux machine judges all lines, and tries many orders of the calls."
	exit "$code"
}
