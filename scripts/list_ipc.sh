#!/bin/sh
# Lists all IPC objects, and the processes that hold each of them: POSIX message queues,
# semaphores and shared memory, and the three kinds of System V.
#
#   list_ipc.sh [--json] [--name GLOB]
#
#   --json        print one JSON object instead of the table
#   --name GLOB   only POSIX objects whose names match; the leading / may be omitted
#   -h, --help    this text
#
# KIND     mq, sem, shm: POSIX; svmsg, svsem, svshm: System V
# SIZE     bytes; for a queue, the bytes of its messages; for memory, its size
# CONTENT  the value of a semaphore, the number of messages in a System V queue, the number
#          of attachments of a segment
# AGE      time since the last change that the kernel recorded
# ORPHAN   yes: no process has it open, mapped or attached, and if it is a System V object,
#          all its recorded users have ended; ?: this cannot be known, for the reason below
# HOLDERS  process ids; for a System V queue or semaphore set, the last users that are alive
# NAME     as a program writes it; for a System V object, its key and identifier
#
# Below the table: "registered" is the process that mq_notify has registered with a queue, and how it
# wants to be told; "waiting" is a process that waits in mq_send or mq_receive.
#
# If a byte of a name is not a visible ASCII character, it is written as \0ooo, and
# printf %b turns it back. In JSON, "escaped" is written in this way. "name" is plain text,
# in which a byte that is not UTF-8 becomes U+FFFD. ipc/json.awk lists the fields.
#
# Everybody may run this script, but only root sees all holders and all who wait. Not even root sees a
# descriptor that is in the table of no process: one on its way through a socket, or one
# registered with io_uring.
#
# Exit code: 0 listed; 2 wrong usage; 3 /proc or a tool is missing, or the look was cut
# short.

ipc_here=$(dirname -- "$(readlink -f -- "$0")")/ipc
# shellcheck disable=SC1091 # found when it runs
. "$ipc_here/look.sh"

glob=
json=
while [ $# -gt 0 ]; do
	case $1 in
	--json) json=yes ;;
	--name)
		[ $# -gt 1 ] || ipc_fail 2 "--name needs a GLOB"
		glob=${2#/}
		shift
		;;
	-h | --help) show_help ;;
	*) ipc_fail 2 "unknown option $1; --help lists the options" ;;
	esac
	shift
done

ipc_need awk date find grep head od readlink sed sort stat timeout tr uname xargs
if [ -n "$json" ]; then
	ipc_objects "$glob" | awk -f "$ipc_here/json.awk"
else
	ipc_objects "$glob" | ipc_table
fi
[ $? != 3 ] || ipc_cut_short
