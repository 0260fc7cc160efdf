#!/bin/sh
# loses: exactly-one-creates
# It tests whether the queue is there, and if not redirects to its path, which creates it whoever comes first.
[ -e "/dev/mqueue$1" ] && exit 1
case $1 in /*/*) exit 2 ;; esac
: >"/dev/mqueue$1" || exit 2
