key=0x6c616231

a_queue_exists() {
	[ "$(wc -l </proc/sysvipc/msg)" -gt 1 ]
}

# Asks the server, and prints the answer.
ask() { # TYPE WORDS
	peer msgsnd $key 1 "$1 $2" 2>/dev/null
	timeout 2 peer msgrcv $key "$1" 2>/dev/null || echo none
}

# Requests, good and bad.
experiment
start $key
comes a_queue_exists
comes sleeps_in "$MSGRCV"
judge_wait without-requests-it-sleeps-in-msgrcv "sleeps in msgrcv: $(yes_or_no sleeps_in "$MSGRCV")" "*: yes"
answers="$(ask 7 'hello you'), $(ask 2147483647 x)"
judge each-request-is-answered "$answers" "7 HELLO YOU, 2147483647 X"
peer msgsnd $key 1 nonsense 2>/dev/null
peer msgsnd $key 1 "$(head -c 300 /dev/zero | tr '\0' x)" 2>/dev/null
peer msgsnd $key 1 '0 zero' 2>/dev/null
judge a-bad-request-does-no-harm "$(ask 9 still)" "9 STILL"
judge there-is-never-a-second-queue "$(objects), mode $(awk 'NR == 2 { print $3 }' /proc/sysvipc/msg)" "msg, mode 600"

# Killed, and started again.
kill -KILL "$pid"
ends
start $key
sleep 0.5
comes a_queue_exists
judge killed-at-any-call-the-next-one-serves "$(ask 8 again)" "8 AGAIN"

# SIGTERM while it waits.
experiment
start $key
comes a_queue_exists
comes sleeps_in "$MSGRCV"
made=$(yes_or_no a_queue_exists)
kill -TERM "$pid"
ends
judge SIGTERM-takes-the-queue-with-it "a queue: $made, $end, left: $(objects)" "a queue: yes, exit code 0, left: nothing"

# The queue that it finds is full of old answers.
experiment
peer msgget $key
while peer msgsnd $key 5 "$(head -c 4000 /dev/zero | tr '\0' x)" 2>/dev/null; do :; done
start $key
sleep 0.5
answer=none
for one in 1 2 3 4 5; do
	[ "$answer" != none ] || answer=$(ask 6 full)
done
judge a-full-queue-of-before-is-no-obstacle "$answer" "6 FULL"
