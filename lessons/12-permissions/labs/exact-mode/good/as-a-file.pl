#!/usr/bin/perl
# Perl, which creates the queue as a file of /dev/mqueue and knows no call of its own for it
use strict;
use warnings;
use Fcntl;

my ($name, $mode) = @ARGV;
umask 0;
sysopen(my $queue, "/dev/mqueue$name", O_CREAT | O_EXCL | O_RDWR, oct $mode) or die "$name: $!\n";
