# Writes the lines of judge.awk as one JSON object. This works for every name: if a byte of it is
# not UTF-8, "name" has U+FFFD in its place, and "escaped" has the byte itself.
#
# "objects": each has kind, owner, uid, mode, size, changed (seconds since 1970), orphan (true or
# false), holders (a list of pids) and why. A size or an orphan that is not known is null. A POSIX
# object also has name, escaped and file. A System V object also has key and id. If known, there is
# value, values, messages or attached.
# A POSIX queue also has notify: null, or the process that is registered for its notification (pid, command, how);
# and waiting: a list of processes that wait in mq_send or mq_receive (pid, command, call).
# "other": what, uid, path of files that are not objects. "unseen": what could not be seen.

BEGIN {
	FS = "\t"
	for (i = 1; i < 256; i++) {
		char = sprintf("%c", i)
		octal[sprintf("%03o", i)] = char
		number[char] = i
	}
	printf "{\"objects\":["
}

# These lines come before the objects.
$1 == "notify" { notify[$2] = process() "\"how\":" quote($6) "}" }
$1 == "blocked" { waiting[$2] = waiting[$2] (waiting[$2] == "" ? "" : ",") process() "\"call\":" quote($6) "}" }

$1 == "object" {
	printf "%s{\"kind\":\"%s\",", objects++ ? ",\n" : "\n", $2
	if ($2 ~ /^sv/) printf "\"key\":\"%s\",\"id\":%d,", $4, $3
	else printf "\"name\":%s,\"escaped\":%s,\"file\":%s,", name($4), quote($4), quote($5 "/" $6)
	printf "\"owner\":%s,\"uid\":%s,\"mode\":\"%s\",\"size\":%s,", quote($7), $8, $9, or_null($10)
	printf "\"changed\":%s,%s\"orphan\":%s,", $11, content($12), orphan($13)
	if ($2 == "mq") printf "\"notify\":%s,\"waiting\":[%s],", $3 in notify ? notify[$3] : "null", waiting[$3]
	printf "\"holders\":[%s],\"why\":%s}", $14 == "-" ? "" : $14, quote($15)
}

$1 == "other" { other = other (other == "" ? "" : ",") "{\"what\":" quote($2) ",\"uid\":" $4 ",\"path\":" quote($5) "}" }
$1 == "end" { whole = 1 }
$1 == "unseen" { unseen = unseen (unseen == "" ? "" : ",") quote($2) }

END {
	if (!whole) exit 3
	printf "\n],\n\"other\":[%s],\n\"unseen\":[%s]}\n", other, unseen
}

function process() { return "{\"pid\":" $4 ",\"command\":" quote($5) "," }
function or_null(text) { return text == "-" ? "null" : text }
function orphan(text) { return text == "yes" ? "true" : text == "no" ? "false" : "null" }

# "value 3", "values 3 0 1 ...", "2 messages", "attached 1", or "-".
function content(text,    part, list, i, n) {
	n = split(text, part, " ")
	if (part[1] == "value" || part[1] == "attached") return "\"" part[1] "\":" part[2] ","
	if (part[2] == "messages") return "\"messages\":" part[1] ","
	if (part[1] != "values") return ""
	for (i = 2; i <= n && part[i] != "..."; i++) list = list (i > 2 ? "," : "") part[i]
	return "\"values\":[" list "],"
}

# Escaped text is visible ASCII; a blank is only in fields that the scripts write themselves.
function quote(text) { return "\"" before(before(text, "\\"), "\"") "\"" }

# Writes a backslash before each such character. (Versions of awk differ about backslashes in gsub.)
function before(text, char,    part, n, i, out) {
	n = split(text, part, char)
	out = part[1]
	for (i = 2; i <= n; i++) out = out "\\" char part[i]
	return out
}

function name(escaped,    part, n, i, raw) {
	n = split(escaped, part, "\\")
	if (n == 1) return quote(escaped)
	raw = part[1]
	for (i = 2; i <= n; i++) raw = raw octal[substr(part[i], 2, 3)] substr(part[i], 5)
	return "\"" text_of(raw) "\""
}

function text_of(raw,    out, i, n, char) {
	for (i = 1; i <= length(raw); i += n) {
		char = substr(raw, i, 1)
		n = 1
		if (char == "\"" || char == "\\") out = out "\\" char
		else if (number[char] < 32 || number[char] == 127) out = out sprintf("\\u%04x", number[char])
		else if (number[char] < 128) out = out char
		else if ((n = sequence(raw, i)) > 0) out = out substr(raw, i, n)
		else { out = out "\\ufffd"; n = 1 }
	}
	return out
}

# The length of the UTF-8 sequence at i, or 0: the table of well-formed ones in RFC 3629.
function sequence(raw, i,    first, low, high, n, k, next_byte) {
	first = number[substr(raw, i, 1)]
	if (first < 194 || first > 244) return 0
	n = first < 224 ? 2 : first < 240 ? 3 : 4
	low = first == 224 ? 160 : first == 240 ? 144 : 128
	high = first == 237 ? 159 : first == 244 ? 143 : 191
	for (k = 1; k < n; k++) {
		next_byte = number[substr(raw, i + k, 1)]
		if (next_byte < low || next_byte > high) return 0
		low = 128
		high = 191
	}
	return n
}
