# A server, and reply queues of two clients.
serve() {
	start /lab
	comes [ -e /dev/mqueue/lab ]
}

reply() { # CLIENT
	next_messages "/lab-$1" 1
}

ask() { # TEXT...
	peer send /lab 0 "$@" 2>/dev/null
}

experiment
peer queue /lab-7 4 64
peer queue /lab-8 4 64
serve
becomes_idle
judge without-requests-it-sleeps "objects: $(objects), idle: $idle" "objects: lab lab-7 lab-8*, idle: yes"
replies=
for request in '7 3' '8 3' '7 4'; do
	ask "$request"
	replies="$replies$(reply "${request% *}"), "
done
judge each-request-gets-a-ticket "$replies" "0 3 1, 0 3 2, 0 4 3, "

# Killed, with requests that wait.
kill -KILL "$pid"
ends
ask '7 6' '8 9'
serve
judge requests-that-wait-outlive-the-server "$(reply 7), $(reply 8)" "0 6 *, 0 9 *"

# A bad request, and a client without a queue, before the first good one.
experiment
peer queue /lab-7 4 64
serve
ask nonsense '7' '7 x' '7 1 more'
ask '7 1'
judge a-bad-request-does-no-harm "$(reply 7), $(messages /lab-7)" "0 1 1, "

# The same request twice, and a client without a queue in between.
experiment
peer queue /lab-7 4 64
serve
replies=
for request in '7 1' '7 1' '7 2'; do
	ask "$request"
	replies="$replies$(reply 7), "
done
judge the-same-request-gets-the-same-ticket "$replies" "0 1 1, 0 1 1, 0 2 2, "
ask '9 1' '7 3'
judge a-client-without-a-queue-does-no-harm "$(reply 7)" "0 3 *"

# The queue of a client is full.
experiment
peer queue /lab-7 1 64 full
peer queue /lab-8 4 64
serve
ask '7 1' '8 1'
judge a-dead-client-does-not-block-the-others "$(reply 8)" "0 1 *"
