#!/bin/sh
# One awk program knows all inodes that are held, and find removes by inode number.
export LC_ALL=C
[ $# -eq 0 ] || { [ $# -eq 1 ] && [ "$1" = -n ]; } || exit 2
failed=0
for folder in /dev/shm /dev/mqueue; do
	device=$(stat -c %d "$folder")
	orphans=$({
		stat -L -c 'held %d %i' /proc/[0-9]*/fd/*
		# Inodes of other file systems do no harm: more is kept then, and nothing is lost.
		cat /proc/[0-9]*/maps | awk -v device="$device" '{ print "held", device, $5 }' | sort -u
		find "$folder" -mindepth 1 -maxdepth 1 -type f -uid "$(id -u)" -exec stat -c 'mine %d %i' {} +
	} 2>/dev/null | awk '
		$1 == "held" { held[$2, $3] = 1 }
		$1 == "mine" { mine[$2, $3] = $3 }
		END { for (key in mine) if (!(key in held)) print mine[key] }')
	for inode in $orphans; do
		if [ $# -eq 1 ]; then
			find "$folder" -mindepth 1 -maxdepth 1 -inum "$inode"
		else
			find "$folder" -mindepth 1 -maxdepth 1 -inum "$inode" -delete || failed=1
		fi
	done
done
ipcs -m >/dev/null
for segment in $(awk -v me="$(id -u)" 'NR > 1 && $7 == 0 && $8 == me { print $2 }' /proc/sysvipc/shm); do
	if [ $# -eq 1 ]; then
		echo "segment $segment"
	else
		ipcrm -m "$segment" || failed=1
	fi
done
exit $failed
