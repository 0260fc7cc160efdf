# The parent waits for its line, and the child for the message.
experiment
input_from_here
start /lab
open_input
comes sleeps_in "$MQ"
waits="a child in mq_receive: $(yes_or_no sleeps_in "$MQ"), names: $(objects)"
judge_wait the-queue-has-no-name-while-the-child-waits "$waits" "a child in mq_receive: yes, names: nothing"
line 010
ends
judge the-parent-sends-and-returns-the-childs-code "010: $end" "010: exit code 10"
exec 8>&-

# Another number, to the end.
experiment
echo 255 >line
input=line
run /lab
sleep 0.2
count_others
judge the-parent-sends-and-returns-the-childs-code "255: $end" "255: exit code 255"
judge nothing-is-left "$end, objects: $(objects), processes: $others" "exit code *, objects: nothing, processes: 0"

# The name is taken.
experiment
peer queue /lab 2 16 theirs
before=$(inode /dev/mqueue/lab)
echo 5 >line
input=line
run /lab
judge a-taken-name-is-left-alone "$end, inode $(inode /dev/mqueue/lab), $(messages /lab)" "exit code 1, inode $before, 0 theirs"
