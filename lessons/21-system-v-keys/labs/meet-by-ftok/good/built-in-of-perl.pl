#!/usr/bin/perl
# In Perl: msgget, msgsnd and msgrcv are built in, and IPC::SysV has ftok.
use strict;
use warnings;
use Errno qw(EACCES);
use IPC::SysV qw(ftok IPC_CREAT IPC_RMID);

my ($role, $file, $number, @text) = @ARGV;
my $is_server = @ARGV == 3 && $role eq 'server';
my $is_client = @ARGV == 4 && $role eq 'client';
exit 2 unless $is_server || $is_client;
my $key = ftok($file, $number + 0);
exit 3 unless defined $key;
my $queue = msgget $key, IPC_CREAT | 0600;
exit($! == EACCES ? 4 : 1) unless defined $queue;
my $message;
if ($is_server) {
	msgrcv $queue, $message, 1000, 1, 0 or exit 1;
	my $text = substr $message, length pack 'l!', 0;
	$text =~ tr/a-z/A-Z/;
	msgsnd $queue, pack('l!', 2) . $text, 0 or exit 1;
} else {
	msgsnd $queue, pack('l!', 1) . $text[0], 0 or exit 1;
	msgrcv $queue, $message, 1000, 2, 0 or exit 1;
	msgctl $queue, IPC_RMID, 0 or exit 1;
}
