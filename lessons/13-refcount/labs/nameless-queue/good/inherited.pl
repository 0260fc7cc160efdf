#!/usr/bin/perl
# Perl, which leaves descriptors open on exec by $^F; the queue is a file of /dev/mqueue, and its calls are numbers
use strict;
use warnings;
use Config;
use Fcntl;

my ($unlink, $send, $receive) = $Config{archname} =~ /^x86_64/ ? (241, 242, 243) : (181, 182, 183);
if (@ARGV == 2) {
    my $message = "\0" x 8192;
    my $length = syscall($receive, $ARGV[1] + 0, $message, 8192, 0, 0);
    exit($length < 0 ? 255 : substr($message, 0, $length) + 0);
}
my ($name) = @ARGV;
$^F = 255;
sysopen(my $queue, "/dev/mqueue$name", O_CREAT | O_EXCL | O_RDWR, 0600) or exit 1;
unlink "/dev/mqueue$name";
my $child = fork;
exec($^X, $0, '--receive', fileno $queue) if $child == 0;
chomp(my $number = <STDIN>);
syscall($send, fileno($queue), $number, length $number, 0, 0);
waitpid $child, 0;
exit($? >> 8);
