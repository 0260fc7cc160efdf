#!/bin/sh
# loses: what-nobody-holds-is-removed a-name-is-bytes what-a-process-holds-is-kept the-object-counts-and-not-its-name what-is-no-object-is-left-alone system-v-queues-and-sets-are-kept with-n-nothing-is-removed
# The tutorial's loop: whose it is, he may remove it. It asks nobody, and misses what has a dot in front.

for file in /dev/mqueue/* /dev/shm/*; do
	[ -O "$file" ] && rm "$file"
done
