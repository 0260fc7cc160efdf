# The server, and a client of ours.
experiment
: >meeting
key=$(peer ftok meeting 7)
start server meeting 7
comes sleeps_in "$MSGRCV"
mode=$(awk 'NR == 2 { print $3 }' /proc/sysvipc/msg)
peer msgsnd "$key" 1 'Hello {you}' 2>/dev/null
ends
answer=$(timeout 1 peer msgrcv "$key" 2 2>/dev/null)
judge the-server-answers-who-has-the-key "$end, answer $answer" "exit code 0, answer 2 HELLO {YOU}"
judge the-queue-is-for-its-user-alone "mode ${mode:-none}" "mode 600"

# The client, and a server of ours.
experiment
: >meeting
key=$(peer ftok meeting 7)
peer msgget "$key"
start client meeting 7 'hello you'
question=$(timeout 3 peer msgrcv "$key" 1 2>/dev/null)
peer msgsnd "$key" 2 'HELLO YOU' 2>/dev/null
ends
judge the-client-asks-and-takes-the-answer "question $question, $end" "question 1 hello you, exit code 0"

# Both roles, in both orders. The second one comes late.
start_role() { # ROLE
	if [ "$1" = server ]; then start server meeting 7; else start client meeting 7 hello; fi
}

for roles in "server client" "client server"; do
	experiment
	: >meeting
	start_role "${roles% *}"
	first=$pid
	sleep 1.5
	start_role "${roles#* }"
	second=$pid
	ends "$first"
	codes=$end
	judge either-may-come-first "$roles: $end" "$roles: exit code 0"
	ends "$second"
	judge either-may-come-first "$roles: $end" "$roles: exit code 0"
	judge nothing-is-left "$codes, $end, left: $(objects)" "exit code 0, exit code 0, left: nothing"
done

# There is no file.
for role in server client; do
	experiment
	if [ $role = server ]; then run server meeting 7; else run client meeting 7 hello; fi
	judge without-the-file-nothing-is-made "$role: $end, $(objects), file: $(yes_or_no [ -e meeting ])" "$role: exit code 3, nothing, file: no"
done
