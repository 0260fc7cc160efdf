#!/bin/bash
# In bash: find lists the objects with NUL bytes between them, and an associative array has all that is held.
set -u
export LC_ALL=C
dry=0
while getopts n option; do
	case $option in
	n) dry=1 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
if (($#)); then
	echo "use: $0 [-n]" >&2
	exit 2
fi

declare -A held=()
while read -r device inode; do
	held[$device:$inode]=1
done < <(stat -L -c '%d %i' /proc/[0-9]*/fd/* 2>/dev/null)
# maps has the device as major:minor in hexadecimal, and stat -c %d one number.
while read -r _ _ _ device inode _; do
	((inode)) || continue
	major=$((16#${device%%:*})) minor=$((16#${device##*:}))
	held[$(((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12))):$inode]=1
done < <(cat /proc/[0-9]*/maps 2>/dev/null)

status=0
while IFS= read -r -d '' record; do
	key=${record%%/*} path=/${record#*/}
	[[ -v "held[$key]" ]] && continue
	if ((dry)); then
		printf 'would remove %q\n' "$path"
	else
		rm -f -- "$path" || status=1
	fi
done < <(find /dev/shm /dev/mqueue -mindepth 1 -maxdepth 1 -type f -uid "$(id -u)" -printf '%D:%i%p\0')

while read -r _ id _ _ _ _ attached owner _; do
	[[ $id =~ ^[0-9]+$ && $attached = 0 && $owner = "$(id -u)" ]] || continue
	if ((dry)); then
		echo "would remove segment $id"
	else
		ipcrm -m "$id" || status=1
	fi
done </proc/sysvipc/shm
exit $status
