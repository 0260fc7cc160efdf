# Chooses from the lines of judge.awk what cleanup_ipc.sh may remove: it writes "remove" or
# "keep" before each object, and passes on other lines that matter to the user.
#
# uid: the owner of the objects; in_use, unseen: whether the flag of this name was given.

BEGIN { FS = OFS = "\t" }

$1 == "object" && $8 == uid {
	allowed = in_use || $13 == "yes" || ($13 == "unknown" && unseen)
	print allowed ? "remove" : "keep", $0
}
$1 == "other" && $4 == uid { print "skip", $0 }
$1 == "unseen" { print "tell", $0 }
$1 == "end" { whole = 1 }
END { if (!whole) exit 3 }
