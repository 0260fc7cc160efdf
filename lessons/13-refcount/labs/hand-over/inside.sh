# give: the other side receives only when give has ended.
experiment
printf '  back to you\nthe next line\n' >line
input=line
peer take socket >taken &
comes [ -S socket ]
run give /lab socket
left=$(objects)
: >socket.go
comes grep -q bytes taken
sleep 0.2
judge the-queue-outlives-its-maker-in-flight "$end, left: $left, $(head -n 1 taken)" "exit code 0, left: nothing, bytes 1 descriptors 1"
judge the-message-is-in-it "$(tail -n +2 taken)" "message   back to you"

# give, but the name is taken.
experiment
peer queue /lab 2 16 theirs
before=$(inode /dev/mqueue/lab)
run give /lab nowhere
judge a-taken-name-is-left-alone "$end, inode $(inode /dev/mqueue/lab), $(messages /lab)" "exit code 1, inode $before, 0 theirs"

# take: the first message is the exit code.
for number in 57 010; do
	experiment
	peer give socket 1 $number 99 >given &
	comes [ -S socket ]
	run take socket
	comes grep -q left given
	judge take-ends-with-the-number "$number: $end, $(cat given)" "$number: exit code ${number#0}, messages left 1"
done

# take waits, while two more queues have come with the first one.
experiment
peer give socket 3 >given &
comes [ -S socket ]
start take socket
comes sleeps_in "$MQ"
judge_wait take-waits-at-the-queue-it-was-given "waits in mq_receive: $(yes_or_no sleeps_in "$MQ")" "*: yes"

# take, and no descriptor comes.
experiment
peer give socket 0 >given &
comes [ -S socket ]
run take socket
judge a-byte-alone-is-no-queue "$end" "exit code 255"
