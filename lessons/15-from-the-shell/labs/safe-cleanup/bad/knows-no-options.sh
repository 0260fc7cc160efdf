#!/bin/sh
# loses: with-n-nothing-is-removed
# Takes no notice of -n, and removes.

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
	if ! "$@"; then
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
