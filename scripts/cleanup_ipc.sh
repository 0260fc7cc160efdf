#!/bin/sh
# Removes the IPC objects that nobody uses any more: POSIX message queues, semaphores
# and shared memory, and the three kinds of System V. It shows them first, and then asks.
#
#   cleanup_ipc.sh [-y | -n] [--name GLOB] [--user NAME] [--unseen] [--in-use]
#
#   -n            only show what would be removed
#   -y            remove without asking
#   --name GLOB   only POSIX objects whose names match; the leading / may be omitted
#   --user NAME   the objects of this user, a name or a number (root only)
#   --unseen      also objects that may be in use: the script cannot see whether they are
#   --in-use      also objects that living processes use, and what --unseen adds
#   -h, --help    this text
#
# The script removes only objects that you own. For root these are the objects of uid 0.
#
# A POSIX object is removed if no process has it open or mapped. A System V object is
# removed if no process has it attached and all its recorded users have ended.
# list_ipc.sh shows all of this.
#
# Only root can look into the processes of other users, such as those of root. On most
# machines an ordinary user therefore cannot know who uses an object, and the object is
# kept. With --unseen you say that you know better. If a POSIX object is removed, it loses
# its name, and processes that have it open can still use it. If a System V object is
# removed, it is gone for all processes at once, except for shared memory.
#
# Somebody may keep an ordinary file in /dev/shm, as on a RAM disk. The script cannot tell
# it from shared memory that nobody uses at the moment: look at the list before you say
# yes. Directories, symbolic links and all other files that are not regular are never
# touched. After your answer the script looks again, and once more before every 500
# removals. If an object has vanished, this is not an error. If somebody has begun to use
# an object, it is kept.
#
# Exit code: 0 everything that you agreed to is gone, or was kept for a reason that is
# printed; 1 something could not be removed; 2 wrong usage; 3 /proc or a tool is missing,
# or the look was cut short.

ipc_here=$(dirname -- "$(readlink -f -- "$0")")/ipc
# shellcheck disable=SC1091 # found when it runs
. "$ipc_here/look.sh"

at_once=500
tab=$(printf '\t')

main() {
	read_options "$@"
	ipc_need awk date find grep head id od readlink rm sed sort stat timeout tr uname xargs
	find_user

	objects=$(look) || ipc_cut_short
	show "$objects"
	agreed=$(printf '%s\n' "$objects" | sed -n '/^remove/p')
	if [ -n "$dry" ] || [ -z "$agreed" ]; then
		return 0
	fi
	if [ -z "$yes" ] && ! ask; then
		echo "Nothing is removed."
		return 0
	fi
	remove_agreed | tell_results
}

read_options() {
	yes='' dry='' glob='' user='' unseen='' in_use=''
	while [ $# -gt 0 ]; do
		case $1 in
		-y) yes=1 ;;
		-n) dry=1 ;;
		--unseen) unseen=1 ;;
		--in-use) in_use=1 ;;
		--name | --user)
			[ -n "${2-}" ] || ipc_fail 2 "$1 needs a value"
			if [ "$1" = --name ]; then glob=${2#/}; else user=$2; fi
			shift
			;;
		-h | --help) show_help ;;
		*) ipc_fail 2 "unknown option $1; --help lists the options" ;;
		esac
		shift
	done
	[ -z "$yes" ] || [ -z "$dry" ] || ipc_fail 2 "-y and -n exclude each other: choose one"
}

find_user() {
	me=$(id -u)
	case $user in
	'') uid=$me ;;
	*[!0-9]*) uid=$(id -u -- "$user" 2>/dev/null) || ipc_fail 2 "there is no user $user" ;;
	*) uid=$user ;;
	esac
	[ "$me" = 0 ] || [ "$uid" = "$me" ] || ipc_fail 2 "only root may remove objects of another user"
}

look() {
	ipc_objects "$glob" |
		awk -v uid="$uid" -v in_use="$in_use" -v unseen="$unseen" -f "$ipc_here/choose.awk"
}

# First what would be removed, and then what is kept and why.
show() { # OBJECTS
	{
		printf '%s\n' "$1" | sed -n 's/^remove.object/object/p'
		echo end
	} | ipc_table
	printf '%s\n' "$1" | awk -F '\t' '
		$1 == "keep" { print "kept: " $3 " " $5 ($3 ~ /^sv/ ? " id " $4 : "") ": " $16 }
		$1 == "skip" { print "kept: " $6 ": " $3 }
		$1 == "tell" { print "not seen: " $3 }'
}

ask() {
	printf 'Remove these %d objects? [y/N] ' "$(printf '%s\n' "$agreed" | grep -c .)"
	read -r answer || echo
	case $answer in
	[yY] | [yY][eE][sS]) return 0 ;;
	esac
	return 1
}

# In parts, so that an object is removed soon after the second look.
remove_agreed() {
	total=$(printf '%s\n' "$agreed" | grep -c .)
	first=1
	while [ "$first" -le "$total" ]; do
		part=$(printf '%s\n' "$agreed" | sed -n "$first,$((first + at_once - 1))p")
		remove_part "$part"
		first=$((first + at_once))
	done
}

remove_part() { # OBJECTS
	now=$(look) || {
		result failed "the rest" "the second look failed"
		return
	}
	{
		printf '%s\n' "$1" | sed "s/^/agreed$tab/"
		printf '%s\n' "$now" | sed "s/^/now$tab/"
	} | awk -f "$ipc_here/plan.awk" |
		while IFS=$tab read -r verdict _ kind id name directory file _ _ _ _ _ _ _ _ why; do
			case $verdict:$kind in
			remove:sv*) remove_system_v "$kind" "$id" "$name" ;;
			remove:*) remove_file "$kind" "$id" "$name" "$directory" "$file" ;;
			keep:*) result kept "$kind $name" "$why" ;;
			*) result vanished "$kind $name" ;;
			esac
		done
}

# Not echo: a name may contain a backslash, and some versions of echo interpret it.
result() { # WHAT OBJECT [WHY]
	printf '%s %s%s\n' "$1" "$2" "${3:+: $3}"
}

# By name from inside the directory, if the name still belongs to that object. Without
# -r, rm removes no directory. Its input is not a terminal, so it does not ask.
remove_file() { # KIND ID NAME DIRECTORY FILE
	[ "$PWD" = "$4" ] || cd "$(plain "$4")" || return
	plain_file=./$5
	case $5 in *\\*) plain_file=./$(plain "$5/") plain_file=${plain_file%/} ;; esac
	if ! is "$2" "$plain_file"; then
		result vanished "$1 $3"
	elif complaint=$(rm -- "$plain_file" 2>&1); then
		result removed "$1 $3"
	elif is "$2" "$plain_file"; then
		result failed "$1 $3" "${complaint##*: }"
	else
		result vanished "$1 $3"
	fi
}

is() { # ID FILE
	[ "$(stat -c %d:%i -- "$2" 2>/dev/null)" = "$1" ]
}

# Turns \0ooo back into a byte. $() drops newlines at the end, so the caller puts another
# character after a name.
plain() { printf '%b' "$1"; }

remove_system_v() { # KIND ID KEY
	table=/proc/sysvipc/${1#sv}
	case $1 in
	svmsg) option=-q ;;
	svsem) option=-s ;;
	*) option=-m ;;
	esac
	if complaint=$(ipcrm "$option" "$2" 2>&1); then
		result removed "$1 $3 id $2"
	elif awk -v id="$2" '$2 == id { found = 1 } END { exit found }' "$table"; then
		result vanished "$1 $3 id $2"
	else
		result failed "$1 $3 id $2" "${complaint##*: }"
	fi
}

# Prints each result as it comes, and repeats the failures at the end.
tell_results() {
	awk '{ count[$1]++; print; fflush() }
		$1 == "failed" { failed = failed $0 "\n" }
		END {
			printf "%d removed, %d vanished, %d kept, %d failed\n", \
				count["removed"], count["vanished"], count["kept"], count["failed"]
			if (count["failed"]) { printf "%s", failed | "cat >&2"; close("cat >&2"); exit 1 }
		}'
}

main "$@"
