# A message with any bytes, and one behind it; the first is as long as the queue allows.
for text in hello "$(head -c 200 /dev/zero | tr '\0' x)"; do
	experiment
	peer queue /lab 4 200 "$text" other
	run /lab 0
	printf %s "$text" >wanted
	judge the-message-comes-out-as-it-is "$end, the same bytes: $(yes_or_no cmp wanted "$out"), left: $(messages /lab)" \
		"exit code 0, the same bytes: yes, left: 0 other"
done

# It waits, and SIGUSR1 does not end that.
experiment
peer queue /lab 4 64
start /lab 60
comes sleeps_in "$MQ"
kill -USR1 "$pid" 2>/dev/null
sleep 0.2
comes sleeps_in "$MQ"
waits=$(yes_or_no sleeps_in "$MQ")
peer send /lab 0 late
ends
judge_wait it-waits-and-signals-do-not-end-that "waits after SIGUSR1: $waits, $end, $(cat "$out")" "waits after SIGUSR1: yes, exit code 0, late"

# No message comes.
for seconds in 0 1; do
	experiment
	peer queue /lab 4 64
	run /lab $seconds
	judge an-empty-queue-is-told "$seconds: $end, output: $(cat "$out")" "$seconds: exit code 5, output: "
done

# No queue, and wrong usage.
experiment
run /none 0
refused="no queue: $end"
run
usage=$end
peer queue /lab 4 64 secret
chmod 200 /dev/mqueue/lab
run /lab 0
judge each-refusal-has-its-exit-code "$refused; no arguments: $usage; mode 0200: $end; $(objects)" \
	"no queue: exit code 3; no arguments: exit code 2; mode 0200: exit code 4; lab"
