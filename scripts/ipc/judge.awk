# Joins what look.sh has seen, and decides for each object whether it is an orphan.
#
# Writes lines whose fields are separated by tabs. No field is empty; "-" means nothing:
#
#   object KIND ID NAME DIRECTORY FILE OWNER UID MODE SIZE CHANGED CONTENT ORPHAN HOLDERS WHY
#   notify ID NAME PID COMMAND HOW       a process that is registered for the notification of a queue
#   blocked ID NAME PID COMMAND CALL     a process that waits in mq_send or mq_receive
#   other  WHAT OWNER UID PATH           a file in /dev/shm that is not an object
#   unseen TEXT                          what could not be seen
#   end                                  the last line; without it the list is not complete
#
# KIND is mq, sem, shm, svmsg, svsem or svshm. ID is device:inode or the System V id.
# CHANGED is in seconds since 1970. ORPHAN is yes, no, or unknown:
#
# - A POSIX object is an orphan if no process has it open or mapped. This is unknown if
#   some process cannot be looked into.
# - A System V object has no holders. The kernel only records its last users: who last
#   sent and received, who last operated on each semaphore, who created and last attached
#   the memory. It is an orphan if no process has it attached and all these users have
#   ended. If no user is recorded, this is unknown: the creator may be waiting for the
#   first message.
#
# If a byte of a name is a backslash, or is not a visible ASCII character, it is written
# as \0ooo, in octal. printf %b turns it back.

BEGIN {
	OFS = "\t"
	for (i = 1; i < 256; i++) {
		char = sprintf("%c", i)
		octal[char] = sprintf("\\0%03o", i)
		byte[sprintf("%02x", i)] = char
		number[sprintf("%02x", i)] = i
	}
	number["00"] = 0
	while ((getline line < "/etc/passwd") > 0) {
		split(line, part, ":")
		user[part[3]] = escape(part[1])
	}
}

# --- what look.sh says, tag by tag ---

record != "" { record = record "\n" $0; end_of_file_record(); next }
$1 == "file" { record = $0; end_of_file_record(); next }
$1 == "directory" { directory = substr($0, 11); next }
$1 == "value" { for (i = 2; i <= NF; i++) value_byte($i); next }
$1 == "unseen" { print "unseen", substr($0, 8); next }
$1 == "blind" { blind = substr($0, 7); print "unseen", "who uses an object: " blind; next }
$1 == "whole" { whole = 1; next }
$1 == "ipc" { own_ipc = $2; next }
$1 == "btime" { boot = $2; next }
$1 ~ /^sv/ { system_v[++system_vs] = $0; next }
$1 == "set" { semaphore_set(); next }
$1 == "waits" { waits[pid_of($2), hex(substr($4, 3))] = $3; next }
$1 == "fd" { hold($2 ":" $3, pid_of($4)); if (mq_waits($4)) blocked[$2 ":" $3] = blocked[$2 ":" $3] " " $4; next }
$1 == "namespace" { ipc[pid_of($3)] = $2; next }
$1 == "complaint" { complain(); next }
$1 == "process" { process_part(substr($0, 9)); next }
$1 ~ /^[0-9]+\/maps:/ { mapping(); next }
$1 == "done" { done = 1; next }

# file DEVICE INODE UID TYPE MODE SIZE CHANGED ./NAME//
function end_of_file_record(    name, part, n) {
	if (substr(record, length(record) - 1) != "//")
		return
	n = index(record, " ./")
	name = substr(record, n + 3, length(record) - n - 4)
	split(record, part, " ")
	record = ""
	if (part[5] !~ /^8...$/) { # not a regular file
		others[++other_count] = what(part[5]) OFS owner(part[4]) OFS part[4] OFS escape(directory "/" name)
		return
	}
	n = ++files
	file_name[n] = name
	file_directory[n] = directory
	file_id[n] = part[2] ":" part[3]
	file_uid[n] = part[4]
	file_mode[n] = sprintf("%04d", part[6])
	file_size[n] = part[7]
	file_changed[n] = part[8]
}

function what(type) {
	if (type ~ /^a...$/) return "a symbolic link, not followed"
	if (type ~ /^4...$/) return "a directory"
	if (type ~ /^1...$/) return "a FIFO"
	if (type ~ /^c...$/) return "a socket"
	return "a device"
}

# The bytes of "==> ./NAME <==\n", four bytes, "\n", and so on. The first byte that does not
# fit ends this: everything after it is ignored.
function value_byte(digits) {
	if (garbled) return
	if (value_place < 4 && value_name != "") {
		value += number[digits] * weight
		weight *= 256 # busybox awk may be built without ^
		if (++value_place == 4) {
			value_of[substr(value_name, 7, length(value_name) - 11)] = value
			value_name = value_header = ""
			value_between = 1
		}
		return
	}
	if (value_between) {
		value_between = 0
		garbled = digits != "0a"
		return
	}
	value_header = value_header byte[digits]
	if (length(value_header) <= 6) {
		garbled = value_header != substr("==> ./", 1, length(value_header))
	} else if (substr(value_header, length(value_header) - 4) == " <==\n") {
		value_name = value_header
		value = value_place = 0
		weight = 1
	}
}

# "set set ID", then what ipcs prints of it: number, value, two counts of waiters, pid.
function semaphore_set() {
	if ($2 == "set") { set = $3; return }
	if ($2 !~ /^[0-9]+$/ || NF != 6) return
	set_read[set] = 1
	if (++semaphores[set] <= 4)
		set_values[set] = set_values[set] (semaphores[set] > 1 ? " " : "") $3
	set_waiters[set] += $4 + $5
	if ($6 > 0) set_users[set] = set_users[set] " " $6
	else set_nobody[set] = 1
}

# PID/maps:ADDRESS PERMISSIONS OFFSET DEVICE INODE PATH
function mapping(    at) {
	split($4, at, ":")
	if ($6 ~ /^\/SYSV/ && hex(at[1]) == 0)
		attach[$5 "," pid_of($1)] = 1
	else
		# As makedev(3) puts them together.
		hold(hex(at[1]) * 256 + hex(at[2]) % 256 + int(hex(at[2]) / 256) * 1048576 ":" $5, pid_of($1))
}

# A process that has ended is no matter; every other complaint means that a process was not looked into.
function complain(    pid) {
	if ($0 ~ /No such (file or directory|process)$/) return
	if (match($0, /[0-9]+\/(fd|maps)/)) {
		pid = substr($0, RSTART)
		sub(/\/.*/, "", pid)
		denied[pid] = 1
	} else {
		blind = substr($0, 11)
		gsub(/[^ -~]/, "?", blind)
		print "unseen", "who uses an object: " blind
	}
}

# /proc/PID/stat. The name of a process may contain newlines and parentheses, but the name is
# followed by forty fields.
function process_part(line,    rest, part) {
	stat = stat == "" ? line : stat "\n" line
	rest = line
	sub(/.*\) /, "", rest)
	if (split(rest, part, " ") < 40) return
	process(stat + 0, part[1], part[18], part[20], part[21])
	command_of[stat + 0] = escape(substr(stat, index(stat, "(") + 1, length(stat) - length(rest) - index(stat, "(") - 2))
	stat = ""
}

# Kernel threads and processes that have ended have no memory, and hold nothing. There is one
# exception: if the first thread of a process has ended before the others, these hold
# objects that nobody can see.
function process(pid, state, threads, began, memory) {
	processes++
	if (memory > 0 || (state == "Z" && threads > 1))
		start[pid] = boot + began / 100
	else
		harmless[pid] = 1
	if (memory == 0 && state == "Z" && threads > 1)
		denied[pid] = 1
}

function pid_of(path) { return path + 0 }

# Returns the call in which a thread waits that has passed this descriptor, PID/fd/NUMBER, to it.
function mq_waits(path,    part) {
	split(path, part, "/")
	return waits[part[1], part[3]]
}

function hold(id, pid) {
	if (!((id, pid) in held)) {
		held[id, pid] = 1
		holders[id] = holders[id] "," pid
	}
}

# --- the answer ---

END {
	if (!done || !processes) exit 1
	for (pid in denied)
		if (!(pid in harmless)) {
			start[pid] += 0 # it is alive, whenever it began
			unseen = unseen " " pid
			unseen_count++
		}
	if (unseen_count)
		print "unseen", "who uses an object: processes that may not be looked into: " unseen_count \
			(unseen_count <= 8 ? " (pid" unseen ")" : "")
	for (n = 1; n <= other_count; n++)
		print "other", others[n]
	for (n = 1; n <= files; n++)
		judge_file(n)
	for (pair in attach) {
		split(pair, part, ",")
		if (ipc[part[2]] == own_ipc)
			attached_by[part[1]] = attached_by[part[1]] "," part[2]
	}
	for (n = 1; n <= system_vs; n++)
		judge_system_v(system_v[n])
	print "end"
}

function judge_file(n,    kind, name, size, content) {
	name = file_name[n]
	size = file_size[n]
	content = "-"
	if (file_directory[n] != "/dev/shm") {
		kind = "mq"
		size = queue_size(file_directory[n] "/" name, file_id[n], escape("/" name))
	} else if (name ~ /^sem\./) {
		kind = "sem"
		if (name in value_of) content = "value " value_of[name]
		name = substr(name, 5)
	} else
		kind = "shm"
	verdict(holders[file_id[n]])
	put(kind, file_id[n], escape("/" name), escape(file_directory[n]), escape(file_name[n]), \
		file_uid[n], file_mode[n], size, file_changed[n], content)
}

# Looks at a queue's status line, QSIZE:0 NOTIFY:0 SIGNO:0 NOTIFY_PID:0, if it may be read. Returns the
# bytes in the messages.
function queue_size(path, id, name,    line, field, n, i) {
	status["QSIZE"] = "-"
	status["SIGNO"] = status["NOTIFY_PID"] = 0
	if ((getline line < path) > 0) {
		sub(/ +$/, "", line)
		for (n = split(line, field, /[: ]+/); n > 1; n -= 2) status[field[n - 1]] = field[n]
	}
	close(path)
	if (status["NOTIFY_PID"] > 0 || status["SIGNO"] > 0) # pid 0: a process of another process namespace
		print "notify", id, name, status["NOTIFY_PID"], command(status["NOTIFY_PID"]), \
			(status["SIGNO"] > 0 ? "signal " status["SIGNO"] : status["NOTIFY"] == 2 ? "thread" : "none")
	n = split(blocked[id], field, " ")
	for (i = 1; i <= n; i++)
		print "blocked", id, name, pid_of(field[i]), command(pid_of(field[i])), mq_waits(field[i])
	return status["QSIZE"]
}

function command(pid) { return pid in command_of ? command_of[pid] : "-" }

function verdict(who) {
	pids = who == "" ? "-" : substr(who, 2)
	if (who != "") { orphan = "no"; why = "held by " pids }
	else if (blind != "") { orphan = "unknown"; why = blind }
	else if (unseen_count) { orphan = "unknown"; why = "some processes may not be looked into" }
	else { orphan = "yes"; why = "nobody holds it" }
}

function judge_system_v(line,    f, kind, content, size, changed) {
	split(line, f, " ")
	kind = f[1]
	record_of_users()
	if (kind == "svmsg") {
		user_on_record(f[7], f[13])
		user_on_record(f[8], f[14])
		size = f[5]
		content = f[6] " messages"
		changed = latest(f[13], f[14], f[15])
		system_v_verdict(changed)
		put_system_v(f, f[9], size, changed, content)
	} else if (kind == "svsem") {
		changed = latest(f[10], f[11], 0)
		users_of_set(f[3], f[10], changed)
		content = f[3] in set_values ? "values " set_values[f[3]] (f[5] > 4 ? " ..." : "") : "-"
		system_v_verdict(changed)
		if (set_waiters[f[3]] > 0) { orphan = "no"; why = "processes waiting for it: " set_waiters[f[3]] }
		put_system_v(f, f[6], "-", changed, content)
	} else {
		user_on_record(f[6], f[15])
		if (f[7] > 0 || f[13] > 0 || f[14] > 0) user_on_record(f[7], latest(f[13], f[14], f[15]))
		changed = latest(f[13], f[14], f[15])
		system_v_verdict(changed)
		if (f[8] > 0) {
			orphan = "no"
			pids = f[3] in attached_by ? substr(attached_by[f[3]], 2) : "-"
			why = "attachments: " f[8]
		}
		put_system_v(f, f[9], f[5], changed, "attached " f[8])
	}
}

function record_of_users() { recorded = hidden = 0; living = ""; delete counted }

# A recorded user, and the time of the record; at time 0 there is no record. Pid 0 is a process
# of another namespace, which cannot be seen here.
function user_on_record(pid, time) {
	if (time == 0) return
	recorded++
	if (pid == 0) hidden = 1
	else if ((pid in start) && !began_after(pid, time) && !(pid in counted)) {
		counted[pid]
		living = living "," pid
	}
}

# A pid is used again after its process has ended. The two seconds allow for rounding. A time
# before the start of the machine comes from a clock that was set later, and is of no use.
function began_after(pid, time) { return time >= boot && start[pid] > time + 2 }

function users_of_set(set, operated, changed,    list, n, i) {
	if (!(set in set_read)) { recorded++; hidden = 1; return }
	n = split(set_users[set], list, " ")
	for (i = 1; i <= n; i++) user_on_record(list[i], changed)
	# Outside the initial namespace, no pid may mean a process that cannot be seen here.
	if (operated > 0 && (set_nobody[set] && !whole || n == 0)) { recorded++; hidden = 1 }
}

function system_v_verdict(changed) {
	pids = living == "" ? "-" : substr(living, 2)
	if (living != "") { orphan = "no"; why = "its last users live: " pids }
	else if (blind != "") { orphan = "unknown"; why = blind }
	else if (hidden) { orphan = "unknown"; why = "its last users cannot be seen" }
	else if (!recorded) { orphan = "unknown"; why = "nobody has used it yet, and its creator is not recorded" }
	else { orphan = "yes"; why = "its last users have ended" }
}

function put_system_v(f, uid, size, changed, content) {
	put(f[1], f[3], sprintf("0x%s", key(f[2])), "-", "-", uid, sprintf("%04d", f[4] % 1000), size, changed, content)
}

function put(kind, id, name, directory, file, uid, mode, size, changed, content) {
	print "object", kind, id, name, directory, file, owner(uid), uid, mode, size, changed, content, orphan, pids, why
}

# --- small things ---

function latest(a, b, c) {
	if (b + 0 > a + 0) a = b
	return c + 0 > a + 0 ? c : a
}

function hex(text,    i, n) {
	n = 0
	for (i = 1; i <= length(text); i++)
		n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return n
}

# /proc/sysvipc shows the key as a signed number. In two halves, since in some awk %x has only 31 bits.
function key(signed) {
	if (signed < 0) signed += 4294967296
	return sprintf("%04x%04x", int(signed / 65536), signed % 65536)
}

function owner(uid,    getent, line, part) {
	if (!(uid in user)) {
		user[uid] = uid
		getent = "getent passwd " uid " 2>/dev/null"
		if ((getent | getline line) > 0) {
			split(line, part, ":")
			user[uid] = escape(part[1])
		}
		close(getent)
	}
	return user[uid]
}

function escape(text,    out, i, char) {
	if (text ~ /^[]!-[^-~]*$/) return text # all visible, and no backslash
	for (i = 1; i <= length(text); i++) {
		char = substr(text, i, 1)
		out = out (char ~ /[]!-[^-~]/ ? char : octal[char])
	}
	return out
}
