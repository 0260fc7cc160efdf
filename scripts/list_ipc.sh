#!/bin/sh
# Lists the IPC objects there are: POSIX message queues, semaphores and shared memory,
# and the three kinds of System V, and says who holds each.
#
#   list_ipc.sh [--json] [--name GLOB]
#
#   --json        one JSON object instead of the table
#   --name GLOB   only POSIX objects whose name matches; the / in front may be left out
#   -h, --help    this text
#
# KIND     mq, sem, shm: POSIX; svmsg, svsem, svshm: System V
# SIZE     bytes; of a queue, those in its messages; of memory, those it may use
# CONTENT  a semaphore's value, a System V queue's messages, how often memory is attached
# AGE      since the kernel last wrote down a change
# ORPHAN   yes: no process has it open, mapped or attached, and of a System V object
#          all users on record have ended; ?: it cannot be known, and why is said below
# HOLDERS  process ids; of a System V queue or semaphore set, its last users who live
# NAME     as a program writes it; of a System V object, its key and identifier
#
# Bytes of a name that are not visible ASCII characters are written \0ooo, which
# printf %b turns back. In JSON "escaped" is written so, and "name" is plain text, in which
# a byte that is no UTF-8 is U+FFFD; ipc/json.awk lists the fields.
# Anybody may run it. Only root sees all holders. What is in no table of a process is not
# seen: a descriptor on its way through a socket, or registered with io_uring.
#
# Exit code: 0 listed; 2 wrong usage; 3 there is no /proc, a tool is missing, or the look
# was cut short.

ipc_here=$(dirname -- "$(readlink -f -- "$0")")/ipc
# shellcheck disable=SC1091 # found when it runs
. "$ipc_here/look.sh"

glob=
json=
while [ $# -gt 0 ]; do
	case $1 in
	--json) json=yes ;;
	--name)
		[ $# -gt 1 ] || ipc_fail 2 "--name wants a GLOB"
		glob=${2#/}
		shift
		;;
	-h | --help) show_help ;;
	*) ipc_fail 2 "there is no option $1; --help tells which there are" ;;
	esac
	shift
done

ipc_need awk date find grep head od readlink sed sort stat timeout tr
if [ -n "$json" ]; then
	ipc_objects "$glob" | awk -f "$ipc_here/json.awk"
else
	ipc_objects "$glob" | ipc_table
fi
[ $? != 3 ] || ipc_cut_short
