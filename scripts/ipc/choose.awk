# Of the lines that judge.awk writes, what cleanup_ipc.sh may remove: it puts "remove"
# or "keep" before each object, and passes on what else may matter to the user.
#
# uid: whose objects; in_use, unseen: what the flags of these names allow.

BEGIN { FS = OFS = "\t" }

$1 == "object" && $8 == uid {
	allowed = in_use || $13 == "yes" || ($13 == "unknown" && unseen)
	print allowed ? "remove" : "keep", $0
}
$1 == "other" && $4 == uid { print "skip", $0 }
$1 == "unseen" { print "tell", $0 }
$1 == "end" { whole = 1 }
END { if (!whole) exit 3 }
