#!/bin/sh
# loses: the-queue-never-grants-more
# It makes the queue for everybody, and takes the rights away; both through a symbolic link in /tmp.
umask 0
ln -s "/dev/mqueue$1" /tmp/link
: >/tmp/link
chmod "$2" /tmp/link
