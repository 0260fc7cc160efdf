# Writes the lines of judge.awk as a table for people. judge.awk has escaped the names, so only
# visible ASCII characters reach the terminal.

BEGIN {
	FS = "\t"
	columns = split("KIND OWNER MODE SIZE CONTENT AGE ORPHAN HOLDERS NAME", title, " ")
	for (c = 1; c <= columns; c++) put(c, title[c])
	end_of_row()
}

$1 == "object" {
	count[$13]++
	put(1, $2)
	put(2, $7)
	put(3, $9)
	put(4, $10)
	put(5, $12)
	put(6, age(now - $11))
	put(7, $13 == "unknown" ? "?" : $13)
	put(8, short($14))
	put(9, $2 ~ /^sv/ ? $4 " id " $3 : $4)
	end_of_row()
	if ($13 == "unknown") because[$15]++
}

$1 == "notify" { note[++notes] = "registered: " $3 ": " process($4, $5) ", " ($6 == "none" ? "without a notification" : $6) }
$1 == "blocked" { note[++notes] = "waiting: " $3 ": " process($4, $5) " in " $6 }
$1 == "other" { note[++notes] = "not an object: " $5 " is " $2 }
$1 == "end" { whole = 1 }
$1 == "unseen" { note[++notes] = "not seen: " $2 }

END {
	if (!whole) exit 3
	for (r = 1; r <= rows && rows > 1; r++) {
		line = ""
		for (c = 1; c < columns; c++) line = line sprintf("%-" (width[c] + 2) "s", cell[r, c])
		print line cell[r, columns]
	}
	printf "objects %d, orphans %d, in use %d, unknown %d\n", \
		rows - 1, count["yes"], count["no"], count["unknown"]
	for (reason in because) print "?: " reason " (" because[reason] ")"
	for (n = 1; n <= notes; n++) print note[n]
}

function put(c, text) {
	cell[rows + 1, c] = text
	if (length(text) > width[c]) width[c] = length(text)
}

function end_of_row() { rows++ }

# The time since the last change that the kernel recorded.
function age(seconds) {
	if (seconds < 0) return "future"
	if (seconds < 120) return seconds "s"
	if (seconds < 7200) return int(seconds / 60) "m"
	if (seconds < 172800) return int(seconds / 3600) "h"
	return int(seconds / 86400) "d"
}

function process(pid, command) { return pid > 0 ? pid " (" command ")" : "a process that cannot be seen here" }

# A queue may have hundreds of holders, but a row is one line.
function short(pids,    list, n) {
	n = split(pids, list, ",")
	return n <= 4 ? pids : list[1] "," list[2] "," list[3] ",+" n - 3
}
