#!/bin/sh
# Tells whether and where the mqueue file system is mounted, and mounts it.
#
#   mount_mqueue.sh                       tell where it is mounted, or how to mount it
#   mount_mqueue.sh --mount [DIRECTORY]   mount it there, or on /dev/mqueue (root only)
#   mount_mqueue.sh --private [COMMAND]   run COMMAND, or a shell, in private namespaces
#   mount_mqueue.sh -h | --help           this text
#
# Message queues need no mount: mq_open finds them without it. ls, cat and rm need it.
#
# Only root may mount it. If you may create user namespaces, you can see queues without
# root: --private creates namespaces with their own queues, System V objects, /dev/shm and
# processes, and mounts mqueue there. Inside you seem to be root, but you have no rights
# outside. Queues that exist already are not inside. Start the programs that create queues
# inside.
#
# Exit code: 0 it is mounted; 1 it is not mounted; 2 wrong usage; 3 it cannot be mounted, or
# there is no private namespace. With --private the exit code is that of COMMAND.

ipc_here=$(dirname -- "$(readlink -f -- "$0")")/ipc
# shellcheck disable=SC1091 # found when it runs
. "$ipc_here/look.sh"

options=nosuid,nodev,noexec
self=$0

main() {
	ipc_need awk readlink sed stat
	command=${1-}
	[ $# -eq 0 ] || shift
	case $command in
	'') tell ;;
	--mount)
		[ $# -le 1 ] || ipc_fail 2 "--mount takes at most one DIRECTORY"
		mount_on "${1:-/dev/mqueue}"
		;;
	--private) private "$@" ;;
	--inside) inside "$@" ;; # started by --private, inside the namespaces
	-h | --help) show_help ;;
	*) ipc_fail 2 "unknown option $command; --help lists the options" ;;
	esac
}

tell() {
	where=$(ipc_mqueue)
	if [ -n "$where" ]; then
		printf 'mqueue is mounted on %s\n' "$where"
		return 0
	fi
	kernel_has_it
	echo "mqueue is not mounted."
	echo "root can mount it now:    $self --mount"
	echo "or at each boot, with this line in /etc/fstab:"
	echo "mqueue /dev/mqueue mqueue $options 0 0"
	echo "without root, in private: $self --private"
	return 1
}

kernel_has_it() {
	grep -qw mqueue /proc/filesystems || ipc_fail 3 "this kernel has no POSIX message queues"
}

mount_on() { # DIRECTORY
	kernel_has_it
	if is_mqueue "$1"; then
		printf 'mqueue is already mounted on %s\n' "$1"
		return 0
	fi
	[ "$(id -u)" = 0 ] || ipc_fail 3 "only root may mount it; --private shows you queues of your own without root"
	[ -d "$1" ] || mkdir -- "$1" || ipc_fail 3 "there is no directory $1"
	mount -t mqueue -o "$options" -- mqueue "$1" || ipc_fail 3 "it cannot be mounted on $1"
	printf 'mqueue is mounted on %s\n' "$1"
	echo "To mount it at each boot, put this line into /etc/fstab:"
	printf 'mqueue %s mqueue %s 0 0\n' "$(for_fstab "$1")" "$options"
}

is_mqueue() { # DIRECTORY
	[ "$(stat -f -c %t -- "$1" 2>/dev/null)" = 19800202 ]
}

# In fstab, blanks separate fields, and a blank in a field is written as \040.
for_fstab() { printf '%s' "$1" | sed 's/\\/\\134/g; s/ /\\040/g'; }

private() { # [COMMAND]
	kernel_has_it
	# shellcheck disable=SC2016 # one of its own
	[ $# -gt 0 ] || set -- "${SHELL:-/bin/sh}"
	as_root=--map-root-user
	[ "$(id -u)" != 0 ] || as_root=
	for processes in '--pid --fork --mount-proc' ''; do
		# A container may forbid a new /proc. Then not all holders are seen.
		# shellcheck disable=SC2086 # several words, or none
		if unshare $as_root --ipc --mount $processes true 2>/dev/null; then
			exec unshare $as_root --ipc --mount $processes sh "$self" --inside "$@"
		fi
	done
	ipc_fail 3 "there is no private namespace: $(unshare $as_root --ipc --mount true 2>&1)"
}

inside() { # COMMAND
	mount -t tmpfs -o nosuid,nodev,mode=1777,size=64m shm /dev/shm || exit 3
	if [ -d /dev/mqueue ]; then
		mount -t mqueue -o "$options" mqueue /dev/mqueue || exit 3
	else
		build_dev || exit 3
	fi
	# Not exec: as process 1 the command would not get signals that it has no handler for.
	"$@"
}

# A directory cannot be created in the shared /dev. A private /dev is therefore built in
# the private /dev/shm, and mounted over it.
build_dev() (
	set -e
	cd /dev/shm
	for device in null zero full random urandom tty; do
		: >"$device"
		mount -o bind "/dev/$device" "$device"
	done
	mkdir pts shm mqueue
	mount -o bind /dev/pts pts
	ln -s pts/ptmx ptmx
	ln -s /proc/self/fd fd
	ln -s fd/0 stdin
	ln -s fd/1 stdout
	ln -s fd/2 stderr
	mount -t tmpfs -o nosuid,nodev,mode=1777,size=64m shm shm
	mount -t mqueue -o "$options" mqueue mqueue
	# In a sticky directory that everybody may write to, >/dev/null in a shell would be refused.
	chmod 755 .
	mount -o rbind /dev/shm /dev
)

main "$@"
