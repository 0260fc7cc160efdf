#!/bin/sh
# loses: the-queue-never-grants-more
# It makes the queue for everybody, and then has chmod take the rights away, by its path below /dev/mqueue.
umask 0
: >"/dev/mqueue$1"
chmod "$2" "/dev/mqueue$1"
