# Decides after the second look what to do with the objects on which the user has agreed. Its
# input is lines of choose.awk, with "agreed" or "now" before them. An object is the same if its
# kind, id (device and inode), name and file are the same. Writes remove, keep or vanished, and
# the object.

BEGIN { FS = OFS = "\t" }

function object() { return $4 OFS $5 OFS $6 OFS $8 }
function rest() { return substr($0, length($1) + 2) }

$1 == "agreed" { which[++count] = object(); agreed[count] = substr($0, length($1 OFS $2 OFS) + 1) }
$1 == "now" { now[object()] = rest() }

END {
	for (n = 1; n <= count; n++)
		print which[n] in now ? now[which[n]] : "vanished" OFS agreed[n]
}
