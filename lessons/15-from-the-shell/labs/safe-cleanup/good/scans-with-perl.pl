#!/usr/bin/perl
# In Perl: stat and unlink of the language, shmctl that is built in, and no other program.
use strict;
use warnings;

my $dry = @ARGV == 1 && $ARGV[0] eq '-n';
if (@ARGV && !$dry) {
	print STDERR "use: $0 [-n]\n";
	exit 2;
}

my %held;
for my $process (glob '/proc/[0-9]*') {
	if (opendir my $fds, "$process/fd") {
		for my $fd (grep { !/^\./ } readdir $fds) {
			my @status = stat "$process/fd/$fd" or next;
			$held{"$status[0]:$status[1]"} = 1;
		}
	}
	open my $maps, '<', "$process/maps" or next;
	while (my $line = <$maps>) {
		my (undef, undef, undef, $device, $inode) = split ' ', $line;
		my ($major, $minor) = map { hex } split /:/, $device;
		# As stat has it: the minor number is in two parts.
		my $number = ($minor & 0xff) | ($major << 8) | (($minor & ~0xff) << 12);
		$held{"$number:$inode"} = 1;
	}
}

my $failed = 0;
for my $folder ('/dev/shm', '/dev/mqueue') {
	opendir my $entries, $folder or next;
	for my $name (readdir $entries) {
		my $path = "$folder/$name";
		my @status = lstat $path or next;
		next unless -f _ && $status[4] == $<;
		next if $held{"$status[0]:$status[1]"};
		if ($dry) {
			print "would remove $path\n";
		} elsif (!unlink $path) {
			print STDERR "$path: $!\n";
			$failed = 1;
		}
	}
}

open my $segments, '<', '/proc/sysvipc/shm' or exit $failed;
while (my $line = <$segments>) {
	my (undef, $id, undef, undef, undef, undef, $attached, $owner) = split ' ', $line;
	next if $id !~ /^\d+$/ || $attached || $owner != $<;
	if ($dry) {
		print "would remove segment $id\n";
	} elsif (!shmctl $id, 0, 0) {
		print STDERR "segment $id: $!\n";
		$failed = 1;
	}
}
exit $failed;
