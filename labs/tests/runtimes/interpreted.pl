#!/usr/bin/perl
# The file system of queues makes a queue of each new file.
use Fcntl;
umask 0;
sysopen(my $queue, "/dev/mqueue$ARGV[0]", O_CREAT | O_EXCL | O_RDWR, oct $ARGV[1]) or exit 1;
