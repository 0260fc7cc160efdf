#!/bin/sh
# loses: the-queue-never-grants-more
# It makes the queue for everybody, and takes the rights away; both by a path that begins in the working directory.
umask 0
cd /dev/mqueue || exit 1
: >"${1#/}"
chmod "$2" "./${1#/}"
