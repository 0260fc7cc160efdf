#!/usr/bin/perl
# In Perl: the signals are blocked by POSIX while the queue is made; a handler that is not deferred removes it.
use strict;
use warnings;
use Errno qw(EINTR EEXIST);
use POSIX qw(:signal_h _exit);
use constant { IPC_CREAT => 01000, IPC_EXCL => 02000, IPC_RMID => 0, MSG_NOERROR => 010000 };

exit 2 if @ARGV != 1;
my $key = hex $ARGV[0];
my $term = POSIX::SigSet->new(SIGTERM);
sigprocmask(SIG_BLOCK, $term);
my $queue;
my $action = POSIX::SigAction->new(sub { msgctl $queue, IPC_RMID, 0; _exit(0) });
$action->safe(0);
sigaction(SIGTERM, $action);
until (defined($queue = msgget $key, IPC_CREAT | IPC_EXCL | 0600)) {
	exit 1 unless $! == EEXIST;
	my $old = msgget $key, 0;
	msgctl $old, IPC_RMID, 0 if defined $old;
}
sigprocmask(SIG_UNBLOCK, $term);
while (1) {
	my $message;
	if (!msgrcv $queue, $message, 64, 1, MSG_NOERROR) {
		next if $! == EINTR;
		exit 1;
	}
	my (undef, $text) = unpack 'l! a*', $message;
	next unless $text =~ /^(\d{1,18}) (.*)$/s && $1 > 1;
	my $answer = pack 'l! a*', $1, uc $2;
	until (msgsnd $queue, $answer, 0) {
		last unless $! == EINTR;
	}
}
