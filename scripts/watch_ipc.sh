#!/bin/sh
# Repaints list_ipc.sh's table, while a lesson runs with --pause in another terminal.
#
#   watch_ipc.sh [-s SECONDS] [-c COUNT] [--name GLOB]
#
#   -s SECONDS    between two looks, 1 if not told otherwise
#   -c COUNT      end after that many
#   --name GLOB   only POSIX objects whose name matches
#   -h, --help    this text
#
# Ctrl-C ends it. What does not fit on the terminal is cut off. Where the output is no
# terminal, each table stands below the last one.
#
# A lesson with --private has objects of its own, which nobody sees from outside: run both
# in one mount_mqueue.sh --private, the watch in the background of a multiplexer.
#
# Exit code: 0 COUNT reached; 2 and 3 as list_ipc.sh; 130 ended by Ctrl-C.

ipc_here=$(dirname -- "$(readlink -f -- "$0")")/ipc
# shellcheck disable=SC1091 # found when it runs
. "$ipc_here/look.sh"

main() {
	seconds=1 count='' glob=''
	while [ $# -gt 0 ]; do
		case $1 in
		-h | --help) show_help ;;
		-s | -c | --name) [ -n "${2-}" ] || ipc_fail 2 "$1 wants a word" ;;
		*) ipc_fail 2 "there is no option $1; --help tells which there are" ;;
		esac
		case $1 in
		-s) seconds=$2 ;;
		-c) count=$2 ;;
		--name) glob=$2 ;;
		esac
		shift 2
	done
	a_number "$seconds" || ipc_fail 2 "-s wants a number of seconds, not $seconds"
	[ -z "$count" ] || a_number "$count" || ipc_fail 2 "-c wants a number, not $count"

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

# A whole table at once, over the old one, so that nothing flickers.
paint() {
	table=$("${ipc_here%/*}/list_ipc.sh" ${glob:+--name "$glob"}) || return
	if [ -z "$terminal" ]; then
		printf '%s\n\n' "$table"
		return
	fi
	size=$(stty size 2>/dev/null </dev/tty) || size='24 80'
	printf '%s\n' "$(date +%T)  Ctrl-C ends" "$table" |
		awk -v rows="${size% *}" -v columns="${size#* }" '
			NR == 1 { printf "\033[H" }
			NR < rows { printf "%s\033[K\n", substr($0, 1, columns) }
			END { printf "\033[J" }'
}

main "$@"
