#!/usr/bin/perl
# In Perl: semget, semctl and semop are built in; sem_otime is a field of the packed structure, and select sleeps.
use strict;
use warnings;
use Errno qw(EEXIST);
use constant { IPC_CREAT => 01000, IPC_EXCL => 02000, IPC_NOWAIT => 04000, IPC_STAT => 2 };

exit 2 if @ARGV != 2;
my ($key, $seats) = @ARGV;
my $semid = semget $key, 1, IPC_CREAT | IPC_EXCL | 0600;
if (defined $semid) {
	semop $semid, pack 's3', 0, $seats, 0 or exit 3;
} else {
	exit 3 unless $! == EEXIST;
	$semid = semget $key, 1, 0;
	my $looks = 0;
	while (1) {
		my $status = '';
		semctl $semid, 0, IPC_STAT, $status or exit 3;
		# struct semid64_ds: struct ipc64_perm has 48 bytes, and then comes sem_otime.
		last if unpack 'x48 q', $status;
		exit 4 if ++$looks == 100;
		select undef, undef, undef, 0.02;
	}
}
exit(semop($semid, pack 's3', 0, -1, IPC_NOWAIT) ? 0 : 1);
