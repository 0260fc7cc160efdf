#!/bin/sh
# Prints the table of list_ipc.sh again and again, while a lesson runs with --pause in
# another terminal.
#
#   watch_ipc.sh [-s SECONDS] [-c COUNT] [--name GLOB]
#
#   -s SECONDS    the time between two tables; 1 if you do not say otherwise
#   -c COUNT      end after this number of tables
#   --name GLOB   only POSIX objects whose names match
#   -h, --help    this text
#
# Press Ctrl-C to end it. What does not fit on the terminal is cut off. If the output is
# not a terminal, each table is printed below the last one.
#
# A lesson with --private has objects of its own, which cannot be seen from outside. Start
# one mount_mqueue.sh --private, and run both in it, for example with a terminal
# multiplexer.
#
# Exit code: 0 COUNT reached; 2 and 3 as for list_ipc.sh; 130 ended by Ctrl-C.

ipc_here=$(dirname -- "$(readlink -f -- "$0")")/ipc
# shellcheck disable=SC1091 # found when it runs
. "$ipc_here/look.sh"

main() {
	seconds=1 count='' glob=''
	while [ $# -gt 0 ]; do
		case $1 in
		-h | --help) show_help ;;
		-s | -c | --name) [ -n "${2-}" ] || ipc_fail 2 "$1 needs a value" ;;
		*) ipc_fail 2 "unknown option $1; --help lists the options" ;;
		esac
		case $1 in
		-s) seconds=$2 ;;
		-c) count=$2 ;;
		--name) glob=$2 ;;
		esac
		shift 2
	done
	a_number "$seconds" || ipc_fail 2 "-s needs a number of seconds, not $seconds"
	[ -z "$count" ] || a_number "$count" || ipc_fail 2 "-c needs a number, not $count"

	terminal=
	if [ -t 1 ]; then
		terminal=yes
		printf '\033[2J'
	fi
	while [ "$count" != 0 ]; do
		paint || exit
		[ -z "$count" ] || count=$((count - 1))
		[ "$count" = 0 ] || sleep "$seconds"
	done
}

a_number() {
	case $1 in
	*[!0-9]* | '') return 1 ;;
	esac
}

# Writes a whole table at once over the old one, so that nothing flickers.
paint() {
	table=$("${ipc_here%/*}/list_ipc.sh" ${glob:+--name "$glob"}) || return
	if [ -z "$terminal" ]; then
		printf '%s\n\n' "$table"
		return
	fi
	size=$(stty size 2>/dev/null </dev/tty) || size='24 80'
	printf '%s\n' "$(date +%T)  press Ctrl-C to end" "$table" |
		awk -v rows="${size% *}" -v columns="${size#* }" '
			NR == 1 { printf "\033[H" }
			NR < rows { printf "%s\033[K\n", substr($0, 1, columns) }
			END { printf "\033[J" }'
}

main "$@"
