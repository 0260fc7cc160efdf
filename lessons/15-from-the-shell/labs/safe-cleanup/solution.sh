#!/bin/sh
# Removes your own IPC objects that nobody holds: PROGRAM [-n]

export LC_ALL=C # names are bytes

dry=
case $#:${1-} in
0:) ;;
1:-n) dry=1 ;;
*)
	echo "use: $0 [-n]" >&2
	exit 2
	;;
esac

# By device and inode: a process may have the object by another name, or an older one by this.
is_held() { # FILE
	for descriptor in /proc/[0-9]*/fd/*; do
		[ "$descriptor" -ef "$1" ] && return 0
	done
	grep -qs " $(stat -c %i "$1") */dev/shm/" /proc/[0-9]*/maps
}

failed=0
remove() { # OBJECT COMMAND...
	object=$1
	shift
	if [ -n "$dry" ]; then
		printf 'would remove %s\n' "$object"
	elif ! "$@"; then
		failed=1
	fi
}

# * leaves out what has a dot in front. No name can be an option, for each path begins with /.
for file in /dev/shm/* /dev/shm/.[!.]* /dev/shm/..?* /dev/mqueue/* /dev/mqueue/.[!.]* /dev/mqueue/..?*; do
	# -f alone would follow a link.
	if [ ! -L "$file" ] && [ -f "$file" ] && [ -O "$file" ] && ! is_held "$file"; then
		remove "$file" rm -f "$file"
	fi
done

# Columns 7 and 8 are nattch and uid. Nobody attaches a queue or a set, so of those nothing can be known.
for id in $(awk -v me="$(id -u)" 'NR > 1 && $7 == 0 && $8 == me { print $2 }' /proc/sysvipc/shm); do
	remove "segment $id" ipcrm -m "$id"
done
exit "$failed"
