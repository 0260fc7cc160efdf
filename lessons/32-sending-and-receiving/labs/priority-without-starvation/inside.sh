# Three queues; the output has room for 10 messages unless it is said otherwise.
queues() { # [ROOM]
	experiment
	peer queue /u 10 64
	peer queue /b 10 64
	peer queue /o "${1:-10}" 64
}

is_empty() { # NAME...
	for queue in "$@"; do has_bytes "$queue" 0 || return 1; done
}

# Starts the program, and waits until it has moved so many bytes. Prints what is in the output.
moved() { # BYTES
	start /u /b /o
	comes has_bytes /o "$1"
	messages /o
}

# Messages that are there before the program starts.
queues
long=$(head -c 64 /dev/zero | tr '\0' x)
peer send /u 3 one "$long"
peer send /b 0 two
all=$(moved 70 | sed "s/$long/LONG/" | tr ',' '\n' | tr -d ' ' | sort | tr '\n' ' ')
judge each-message-arrives-unchanged "$all" "0LONG 0one 0two "
queues
peer send /u 0 u1 u2 u3
peer send /b 0 b1 b2
judge urgent-messages-come-first "$(moved 10)" "0 u1, 0 u2, 0 u3, 0 b1, 0 b2"
queues
peer send /u 0 u1 u2 u3 u4 u5 u6
peer send /b 0 b1 b2
judge after-four-urgent-messages-comes-a-bulk-message "$(moved 16)" "0 u1, 0 u2, 0 u3, 0 u4, 0 b1, 0 u5, 0 u6, 0 b2"

# Messages that come while it waits, and then the ends, one after the other.
queues
start /u /b /o
becomes_idle
peer send /b 0 b1
comes has_bytes /o 2
peer send /u 0 u1
comes has_bytes /o 4
judge it-waits-for-both-queues-at-once "idle: $idle, $(messages /o)" "idle: yes, 0 b1, 0 u1"
peer send /b 0 ''
comes is_empty /b
peer send /u 0 u2 ''
ends
seen="$end, $(messages /o)"
run /u
seen="$seen; two missing: $end"
run /none /none /none
judge it-ends-after-both-queues-have-ended "$seen; no queues: $end" "exit code 0, 0 u2; two missing: exit code 2; no queues: exit code 1"

# The output is full.
queues 1
peer send /o 0 full
peer send /u 0 u1 u2 u3
start /u /b /o
becomes_idle
left=$(bytes_in /u)
[ "$left" -ge 4 ] && left="at least 2"
judge a-full-OUT-makes-it-wait "idle: $idle, left while it is full: $left, $(next_messages /o 4)" \
	"idle: yes, left while it is full: at least 2, 0 full, 0 u1, 0 u2, 0 u3"
