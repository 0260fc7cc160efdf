#!/usr/bin/busybox sh
# In the shell of busybox: find calls this script again for each object, which compares paths with -ef.
if [ "${1-}" = --one ]; then
	[ -O "$3" ] || exit 0
	for fd in /proc/[0-9]*/fd/*; do
		[ "$fd" -ef "$3" ] && exit 0
	done
	inode=$(stat -c %i "$3")
	for maps in /proc/[0-9]*/maps; do
		# Device, inode, path; of a deleted file the path is only told apart by its inode.
		while read -r range access offset device number path; do
			case $path in
			/dev/shm/*) [ "$number" = "$inode" ] && exit 0 ;;
			esac
		done 2>/dev/null <"$maps"
	done
	if [ "$2" = dry ]; then
		echo "would remove $3"
		exit 0
	fi
	rm -f "$3"
	exit
fi

case "$*" in
'') mode=wet ;;
-n) mode=dry ;;
*) exit 2 ;;
esac
[ $# -le 1 ] || exit 2
code=0
# find -exec tells nobody how its commands ended, so what is left is a file.
failures=$(mktemp)
find /dev/shm /dev/mqueue -type f -maxdepth 1 -exec /usr/bin/busybox sh -c '
	"$1" --one "$2" "$3" || echo failed >>"$4"' sh "$0" "$mode" {} "$failures" \;
[ -s "$failures" ] && code=1
rm -f "$failures"
me=$(id -u)
while read -r key id perms size cpid lpid nattch uid rest; do
	[ "$uid" = "$me" ] && [ "$nattch" = 0 ] || continue
	if [ "$mode" = dry ]; then echo "would remove segment $id"; else ipcrm -m "$id" || code=1; fi
done </proc/sysvipc/shm
exit $code
