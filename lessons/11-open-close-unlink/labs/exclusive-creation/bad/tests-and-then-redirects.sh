#!/bin/sh
# loses: exactly-one-creates a-queue-that-exists-is-left-alone
# It tests whether the queue is there, and if not redirects to its path, which creates it whoever comes first.
case $1 in / | /*/*) echo "$1: no queue can have this name" >&2; exit 2 ;; esac
[ -e "/dev/mqueue$1" ] && exit 1
: >"/dev/mqueue$1" || exit 2
