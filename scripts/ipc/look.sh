# shellcheck shell=sh
# Looks at the kernel's IPC objects and at who holds them. This is the one place
# that asks; list_ipc.sh, cleanup_ipc.sh and watch_ipc.sh use its answer.
#
# POSIX sh, because the scripts have to run where bash is not installed: dash
# (Debian, Ubuntu), bash (Fedora) and busybox sh (Alpine). They call coreutils or
# busybox, find, grep, sed, awk, and ipcs and ipcrm, which both util-linux and
# Alpine's busybox have.
#
# It is fast because nothing is started for each object or each process: find
# hands thousands of files to one stat, and one awk joins what all of them say.
# The exception is a System V semaphore set: only semctl(2) knows its last users,
# and ipcs asks it for one set at a time.
#
# A file is known by its device and inode, never by its name: a process may hold an
# older object of the same name, and that one keeps nobody from removing the new one.
#
# What is not found: descriptors that are in no table of a process (on their way through
# a socket, registered with io_uring, behind a loop device), and those of a thread
# that has made itself a table of its own.
#
# The caller sets ipc_here, the folder of this file.
: "${ipc_here:?}"

# Bytes are bytes, and messages are in one language.
export LC_ALL=C
unset IFS CDPATH
set -u
# What the caller's shell has open the scripts would hold as well, and name themselves.
exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-

ipc_shm=/dev/shm
ipc_tab=$(printf '\t')

ipc_fail() { # CODE MESSAGE
	printf '%s: %s\n' "${0##*/}" "$2" >&2
	exit "$1"
}

ipc_cut_short() {
	ipc_fail 3 "the look was cut short, and nothing can be said"
}

# shellcheck source=scripts/help.sh
. "$ipc_here/../help.sh"

ipc_need() { # TOOL...
	for tool; do
		command -v "$tool" >/dev/null || ipc_fail 3 "$tool is not installed, and nothing can be said without it"
	done
	[ -r /proc/self/stat ] || ipc_fail 3 "/proc is not mounted, and only it tells who holds an object"
}

# One line for each object, for each thing that is not one, and for what could not
# be seen; judge.awk says what is in a line. GLOB narrows it to POSIX names that match.
ipc_objects() { # [GLOB]
	ipc_look "${1-}" | awk -f "$ipc_here/judge.awk" | sort -t "$ipc_tab" -k 1,2 -k 4,4
}

ipc_table() { awk -v now="$(date +%s)" -f "$ipc_here/table.awk"; }

# Objects first and processes last: who opens an object meanwhile is seen.
ipc_look() { # GLOB
	ipc_look_at_place
	ipc_look_at_files "$ipc_shm" "$1"
	ipc_look_at_values
	ipc_look_at_queues "$1"
	# System V objects have no names that a GLOB could match.
	[ -n "$1" ] || ipc_look_at_system_v
	ipc_look_at_processes
	echo "done" # without it, what came before is not believed
}

# What has to be known of this place before anything is concluded.
ipc_look_at_place() {
	# Processes number each other by the namespace they are in. Where /proc is that
	# of another one, or hides processes (then process 1 too), it cannot be asked who lives.
	# shellcheck disable=SC2016 # it is for the other sh
	sh -c 'read -r pid rest </proc/self/stat && [ "$pid" = "$$" ] && [ -d /proc/1 ]' 2>/dev/null ||
		echo "blind /proc does not show all processes of this process namespace"
	# The initial namespaces have fixed numbers: PROC_PID_INIT_INO and PROC_IPC_INIT_INO in
	# the kernel's proc_ns.h. In the initial process namespace no process is hidden.
	case $(readlink /proc/self/ns/ipc):$(readlink /proc/self/ns/pid) in
	*:'pid:[4026531836]') echo "whole" ;;
	'ipc:[4026531839]':*) echo "blind processes outside this process namespace use the same objects" ;;
	esac
	echo "ipc $(stat -L -c %i /proc/self/ns/ipc)"
	sed -n '/^btime /p' /proc/stat
}

# A name may hold any byte but NUL and /, so a line that ends in // ends a record.
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

# The value of a named semaphore is in the first four bytes of its file, of 32: both
# glibc and musl keep it so on a little-endian 64-bit machine. head writes the name before them.
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

# Where the mqueue file system is mounted; /dev/mqueue if it is there too.
ipc_mqueue() {
	awk '{
		for (i = 7; i < NF && $i != "-"; i++) { }
		if ($(i + 1) == "mqueue") at[$5]
	}
	END {
		if ("/dev/mqueue" in at) print "/dev/mqueue"
		for (path in at) print path
	}' /proc/self/mountinfo | while read -r path; do # read decodes no \040: printf does
		path=$(printf '%b' "$(printf '%s' "$path" | sed 's/\\/\\0/g')")
		# Something else may be mounted over it.
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

# Descriptors, mappings, and last of all the processes themselves.
ipc_look_at_processes() {
	# shellcheck disable=SC2164 # ipc_need has looked
	cd /proc
	ipc_tell find [0-9]*/fd -type l -exec stat -L -c 'fd %d %i %n' {} +
	ipc_tell grep -aH -e " $(ipc_shm_device) " -e ' /SYSV[0-9a-f]* (deleted)$' [0-9]*/maps
	find [0-9]*/ns/ipc -exec stat -L -c 'namespace %i %n' {} + 2>/dev/null
	cat [0-9]*/stat 2>/dev/null | sed 's/^/process /'
	cd /
}

# Runs a command and then repeats its complaints, each marked. A process whose files
# may not be looked at gives a complaint, and so do those that are ending just now.
ipc_tell() { # COMMAND...
	{ complaints=$("$@" 2>&1 >&3); } 3>&1
	[ $? -le 125 ] || echo "blind $1 was stopped before its end"
	[ -z "$complaints" ] || printf '%s\n' "$complaints" | ipc_forgive | sed 's/^/complaint /'
}

# Some file systems (FUSE) do not even let root stat the files of their users. If the
# descriptor itself may be read, and leads somewhere else, it holds no IPC object.
# That takes a process for each, so after fifty nothing more is forgiven.
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

# The device of /dev/shm as /proc/PID/maps writes it, such as 00:1a. On other file
# systems than tmpfs the two may differ, and then mappings cannot be found.
ipc_shm_device() {
	[ "$(stat -f -c %t "$ipc_shm" 2>/dev/null)" = 1021994 ] ||
		echo "blind $ipc_shm is not a tmpfs, so its mappings cannot be told" >&3
	device=$(stat -c %d "$ipc_shm" 2>/dev/null) || device=0
	printf '%02x:%02x' $((device >> 8 & 0xfff)) $((device & 0xff | device >> 12 & 0xfff00))
}
