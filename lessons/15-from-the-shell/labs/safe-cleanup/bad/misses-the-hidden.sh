#!/bin/sh
# loses: what-nobody-holds-is-removed
# A star leaves out what has a dot in front.

export LC_ALL=C

dry=
case $#:${1-} in
0:) ;;
1:-n) dry=1 ;;
*)
	echo "use: $0 [-n]" >&2
	exit 2
	;;
esac

is_held() {
	for descriptor in /proc/[0-9]*/fd/*; do
		[ "$descriptor" -ef "$1" ] && return 0
	done
	grep -qs " $(stat -c %i "$1") */dev/shm/" /proc/[0-9]*/maps
}

failed=0
remove() {
	object=$1
	shift
	if [ -n "$dry" ]; then
		printf 'would remove %s\n' "$object"
	elif ! "$@"; then
		failed=1
	fi
}

for file in /dev/shm/* /dev/mqueue/*; do
	if [ ! -L "$file" ] && [ -f "$file" ] && [ -O "$file" ] && ! is_held "$file"; then
		remove "$file" rm -f "$file"
	fi
done

for id in $(awk -v me="$(id -u)" 'NR > 1 && $7 == 0 && $8 == me { print $2 }' /proc/sysvipc/shm); do
	remove "segment $id" ipcrm -m "$id"
done
exit "$failed"
