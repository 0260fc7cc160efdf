#!/bin/sh
# loses: the-object-counts-and-not-its-name a-name-is-bytes
# Takes the name behind a descriptor for the object. It may be another of the same name, or have another name.

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
		case $(readlink "$descriptor") in "$1" | "$1 (deleted)" | "${1#/dev/mqueue}") return 0 ;; esac
	done
	grep -qsF " $1" /proc/[0-9]*/maps
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

for file in /dev/shm/* /dev/shm/.[!.]* /dev/shm/..?* /dev/mqueue/* /dev/mqueue/.[!.]* /dev/mqueue/..?*; do
	if [ ! -L "$file" ] && [ -f "$file" ] && [ -O "$file" ] && ! is_held "$file"; then
		remove "$file" rm -f "$file"
	fi
done

for id in $(awk -v me="$(id -u)" 'NR > 1 && $7 == 0 && $8 == me { print $2 }' /proc/sysvipc/shm); do
	remove "segment $id" ipcrm -m "$id"
done
exit "$failed"
