# shellcheck shell=sh
# Collects what the kernel shows about IPC objects and about the processes that hold them.
# Only this file asks the kernel; list_ipc.sh, cleanup_ipc.sh and watch_ipc.sh use its answer.
#
# POSIX sh, because the scripts have to run where bash is not installed: dash
# (Debian, Ubuntu), bash (Fedora) and busybox sh (Alpine). They call coreutils or
# busybox, find, grep, sed, awk, and ipcs and ipcrm, which both util-linux and
# Alpine's busybox have.
#
# It is fast because it starts no process for an object or for a process: find gives
# thousands of files to one stat, and one awk joins all outputs. The exception is a
# System V semaphore set: only semctl(2) returns its last users, and ipcs calls it for
# one set at a time.
#
# A file is identified by its device and inode, never by its name: a process may hold an
# older object of the same name, and this is no reason to keep the new one.
#
# What it does not find: descriptors that are in the table of no process (on their way
# through a socket, registered with io_uring, behind a loop device), and descriptors of a
# thread that has created a table of its own.
#
# The caller sets ipc_here, the folder of this file.
: "${ipc_here:?}"

# Names are bytes, and messages are in English.
export LC_ALL=C
unset IFS CDPATH
set -u
# Otherwise, the scripts would inherit descriptors from the caller's shell, and list themselves.
exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-

ipc_shm=/dev/shm
ipc_tab=$(printf '\t')

ipc_fail() { # CODE MESSAGE
	printf '%s: %s\n' "${0##*/}" "$2" >&2
	exit "$1"
}

ipc_cut_short() {
	ipc_fail 3 "the look was cut short, so there is no answer"
}

# shellcheck source=scripts/help.sh
. "$ipc_here/../help.sh"

ipc_need() { # TOOL...
	for tool; do
		command -v "$tool" >/dev/null || ipc_fail 3 "$tool is not installed, and the script cannot work without it"
	done
	[ -r /proc/self/stat ] || ipc_fail 3 "/proc is not mounted, and only /proc shows who holds an object"
}

# Prints one line for each object, for each file that is not an object, and for everything
# that it could not see; judge.awk describes the lines. With GLOB only POSIX names that match.
ipc_objects() { # [GLOB]
	ipc_look "${1-}" | awk -f "$ipc_here/judge.awk" | sort -t "$ipc_tab" -k 1,2 -k 4,4
}

ipc_table() { awk -v now="$(date +%s)" -f "$ipc_here/table.awk"; }

# Objects first and processes last, so that a process that opens an object meanwhile is seen.
ipc_look() { # GLOB
	ipc_look_at_place
	ipc_look_at_files "$ipc_shm" "$1"
	ipc_look_at_values
	ipc_look_at_queues "$1"
	# System V objects have no names that a GLOB could match.
	[ -n "$1" ] || ipc_look_at_system_v
	ipc_look_at_processes
	echo "done" # without this line, judge.awk gives no answer
}

# What must be known about the namespaces before anything can be concluded.
ipc_look_at_place() {
	# A pid is valid in one process namespace. If /proc belongs to another namespace, or
	# hides processes (and then process 1 too), it does not show which processes are alive.
	# shellcheck disable=SC2016 # the other sh expands it
	sh -c 'read -r pid rest </proc/self/stat && [ "$pid" = "$$" ] && [ -d /proc/1 ]' 2>/dev/null ||
		echo "blind /proc does not show all processes of this process namespace"
	# The initial namespaces have fixed numbers: PROC_PID_INIT_INO and PROC_IPC_INIT_INO in
	# the kernel's proc_ns.h. In the initial process namespace all processes are visible.
	case $(readlink /proc/self/ns/ipc):$(readlink /proc/self/ns/pid) in
	*:'pid:[4026531836]') echo "whole" ;;
	'ipc:[4026531839]':*) echo "blind processes outside this process namespace use the same objects" ;;
	esac
	echo "ipc $(stat -L -c %i /proc/self/ns/ipc)"
	sed -n '/^btime /p' /proc/stat
}

# A name may contain every byte except NUL and /, so a line that ends in // ends a record.
ipc_look_at_files() { # DIRECTORY GLOB
	if ! cd "$1" 2>/dev/null || ! [ -r . ]; then
		echo "unseen objects in $1: there is no such directory, or it may not be read"
		return
	fi
	echo "directory $1"
	# A semaphore's file has sem. before its name.
	find . ! -name . -prune ${2:+\( -name "$2" -o -name "sem.$2" \)} \
		-exec stat -c 'file %d %i %u %f %a %s %Y %n//' {} + 2>/dev/null
	[ $? -le 125 ] || echo "unseen some objects in $1: find was stopped before its end"
	cd /
}

# The value of a named semaphore is in the first four of the 32 bytes of its file, with glibc
# and with musl, on a little-endian 64-bit machine. head prints the name before them.
# timeout: somebody may put a FIFO in the place of a file at the wrong moment.
ipc_look_at_values() {
	[ "$(printf '\1\0' | od -An -tu2 | tr -d ' ')" = 1 ] || return 0
	cd "$ipc_shm" 2>/dev/null || return 0
	find . ! -name . -prune -type f -size 32c -name 'sem.*' ! -name '* <==*' \
		-exec timeout 5 head -v -c 4 {} + 2>/dev/null | od -An -v -tx1 | sed 's/^/value /'
	cd /
}

ipc_look_at_queues() { # GLOB
	mqueue=$(ipc_mqueue)
	if [ -n "$mqueue" ]; then
		ipc_look_at_files "$mqueue" "$1"
	else
		echo "unseen POSIX message queues: no mqueue file system is mounted; mount_mqueue.sh tells more"
	fi
}

# Prints where the mqueue file system is mounted; /dev/mqueue if that is one of the places.
ipc_mqueue() {
	awk '{
		for (i = 7; i < NF && $i != "-"; i++) { }
		if ($(i + 1) == "mqueue") at[$5]
	}
	END {
		if ("/dev/mqueue" in at) print "/dev/mqueue"
		for (path in at) print path
	}' /proc/self/mountinfo | while read -r path; do # printf decodes \040, read does not
		path=$(printf '%b' "$(printf '%s' "$path" | sed 's/\\/\\0/g')")
		# Another file system may be mounted over it.
		if [ "$(stat -f -c %t "$path" 2>/dev/null)" = 19800202 ]; then
			printf '%s\n' "$path"
			break
		fi
	done
}

ipc_look_at_system_v() {
	for kind in msg sem shm; do
		if [ -r "/proc/sysvipc/$kind" ]; then
			sed "1d; s/^/sv$kind /" "/proc/sysvipc/$kind"
		else
			echo "unseen System V objects ($kind): the kernel has no /proc/sysvipc/$kind"
		fi
	done
	command -v ipcs >/dev/null || return 0
	ipc_semaphore_sets | while read -r set; do
		echo "set $set"
		ipcs -s -i "$set" 2>/dev/null
	done | sed 's/^/set /'
}

ipc_semaphore_sets() {
	[ ! -r /proc/sysvipc/sem ] || awk 'NR > 1 { print $2 }' /proc/sysvipc/sem
}

# First descriptors and mappings, and last the processes themselves.
ipc_look_at_processes() {
	# shellcheck disable=SC2164 # ipc_need has looked
	cd /proc
	ipc_look_at_waiters
	ipc_tell find [0-9]*/fd -type l -exec stat -L -c 'fd %d %i %n' {} +
	ipc_tell grep -aH -e " $(ipc_shm_device) " -e ' /SYSV[0-9a-f]* (deleted)$' [0-9]*/maps
	find [0-9]*/ns/ipc -exec stat -L -c 'namespace %i %n' {} + 2>/dev/null
	cat [0-9]*/stat 2>/dev/null | sed 's/^/process /'
	cd /
}

# Threads that wait in mq_send or mq_receive. The file shows the number of the system call and then its
# arguments, of which the first is the descriptor. Only the user of a process and root may read it.
ipc_look_at_waiters() {
	case $(uname -m) in
	x86_64) send=242 receive=243 ;;
	aarch64 | riscv64 | loongarch64) send=182 receive=183 ;;
	*)
		echo "unseen who waits on a queue: the numbers of the system calls on this machine are not known"
		return
		;;
	esac
	# printf belongs to the shell, so the list may be longer than the arguments of a command.
	printf '%s\n' [0-9]*/task/[0-9]*/syscall | xargs grep -aHE "^($send|$receive) " 2>/dev/null |
		sed "s/:$send / mq_send /; s/:$receive / mq_receive /; s/^/waits /"
}

# Runs a command, and then prints its complaints, each with a mark. There is a complaint about
# each process whose files may not be read, and about processes that are ending just now.
ipc_tell() { # COMMAND...
	{ complaints=$("$@" 2>&1 >&3); } 3>&1
	[ $? -le 125 ] || echo "blind $1 was stopped before its end"
	[ -z "$complaints" ] || printf '%s\n' "$complaints" | ipc_forgive | sed 's/^/complaint /'
}

# On some file systems (FUSE) even root may not stat the files of other users. If the link of
# the descriptor can be read and leads elsewhere, the descriptor holds no IPC object, and the
# complaint is dropped. This starts a process for each complaint, so it stops after fifty.
ipc_forgive() {
	fifty=0
	while read -r complaint; do
		case $complaint in
		*/fd/[0-9]*)
			descriptor=${complaint#*\'}
			fifty=$((fifty + 1))
			[ "$fifty" -gt 50 ] || case $(readlink -- "${descriptor%%\'*}") in
			'' | */shm/* | */mqueue/*) ;;
			/*/*) continue ;;
			esac
			;;
		esac
		printf '%s\n' "$complaint"
	done
}

# Prints the device of /dev/shm as /proc/PID/maps writes it, such as 00:1a. On file systems
# other than tmpfs the two may differ, and then mappings cannot be found.
ipc_shm_device() {
	[ "$(stat -f -c %t "$ipc_shm" 2>/dev/null)" = 1021994 ] ||
		echo "blind $ipc_shm is not a tmpfs, so its mappings cannot be told" >&3
	device=$(stat -c %d "$ipc_shm" 2>/dev/null) || device=0
	printf '%02x:%02x' $((device >> 8 & 0xfff)) $((device & 0xff | device >> 12 & 0xfff00))
}
