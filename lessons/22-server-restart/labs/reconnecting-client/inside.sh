key=0x6c616232

# Plays the server: takes a request, prints it, and answers unless told not to.
serve() { # NUMBER [silent]
	request=$(timeout 3 peer msgrcv $key 1 2>/dev/null)
	# shellcheck disable=SC2086 # words: type, number of the client, number of the request
	set -- "$1" "${2-}" $request
	requests="$requests${5:-none} "
	[ "$2" = silent ] || peer msgsnd $key "${4:-2}" "${5:-0}" 2>/dev/null
}

# No restart.
experiment
peer msgget $key
start $key 3
requests=
serve 1
serve 2
serve 3
ends
judge each-request-is-answered "requests $requests, $end" "requests 1 2 3 , exit code 0"

# The queue is replaced while the client waits in msgrcv, after its request was received.
experiment
peer msgget $key
start $key 3
requests=
serve 1
serve 2 silent
sleep 0.3
peer replace $key
serve 2
serve 3
ends
judge a-lost-answer-is-asked-for-with-the-same-number "requests $requests, $end" "requests 1 2 2 3 , exit code 0"

# An answer comes twice.
experiment
peer msgget $key
start $key 2
requests=
serve 1
client=$(echo "$request" | cut -d ' ' -f 2)
peer msgsnd $key "${client:-2}" 1 2>/dev/null
sleep 0.3
serve 2
ends
judge an-old-answer-is-not-taken-for-the-new-one "requests $requests, $end" "requests 1 2 , exit code 0"

# There is no queue.
experiment
run $key 3
judge when-no-queue-comes-it-gives-up "$end, $(objects)" "exit code 3, nothing"
