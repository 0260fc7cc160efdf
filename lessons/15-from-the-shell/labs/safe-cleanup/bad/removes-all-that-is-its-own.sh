#!/bin/sh
# loses: what-nobody-holds-is-removed a-name-is-bytes what-a-process-holds-is-kept the-object-counts-and-not-its-name what-is-no-object-is-left-alone system-v-queues-and-sets-are-kept with-n-nothing-is-removed a-refusal-is-told-and-the-rest-removed
# It runs the loop of the tutorial, which removes every file of its own user: it does not check for holders, and it misses names that begin with a dot.

for file in /dev/mqueue/* /dev/shm/*; do
	[ -O "$file" ] && rm "$file"
done
