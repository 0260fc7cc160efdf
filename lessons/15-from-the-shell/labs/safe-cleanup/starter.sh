#!/bin/sh
# Removes your own IPC objects that nobody holds: PROGRAM [-n]

for file in /dev/shm/* /dev/mqueue/*; do
	# TODO: if this is an object, if it is yours, and if nobody holds it, remove it.
	echo "$file"
done
exit 3
