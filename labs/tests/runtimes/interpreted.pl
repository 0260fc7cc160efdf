#!/usr/bin/perl
# In the mqueue file system a new file is a new queue.
use Fcntl;
umask 0;
sysopen(my $queue, "/dev/mqueue$ARGV[0]", O_CREAT | O_EXCL | O_RDWR, oct $ARGV[1]) or exit 1;
