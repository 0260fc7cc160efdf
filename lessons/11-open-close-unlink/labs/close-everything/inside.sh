open_in_proc() { # FILE: how many descriptors
	ls -l /proc/[0-9]*/task/[0-9]*/fd 2>/dev/null | grep -c -e "-> $1\$"
}

mapped() { # FILE: how many mappings
	cat /proc/[0-9]*/maps 2>/dev/null | grep -c "$1\$"
}

# What the program has open, on one line.
held() {
	echo "queue $(open_in_proc /dev/mqueue/lab), memory $(open_in_proc /dev/shm/lab)," \
		"mappings $(mapped /dev/shm/lab), semaphore $(mapped /dev/shm/sem.lab)"
}

nothing_is_held() {
	[ "$(held)" = "queue 0, memory 0, mappings 0, semaphore 0" ]
}

is_posted() { # VALUE: whether the semaphore has it, or more
	[ "$(peer value /lab)" -ge "$1" ]
}

the_memory() {
	head -c 4096 /dev/zero | tr '\0' z >/dev/shm/lab
}

begin() {
	experiment
	peer queue /lab 4 64 hello you
	peer semaphore /lab 0
	the_memory
	input_from_here
	start /lab
	open_input
}

# Two rounds with everything.
begin
for round in 1 2; do
	line ''
	comes is_posted $round
	comes nothing_is_held
	work="$(bytes_in /lab) bytes left, the memory has $(head -c 6 /dev/shm/lab | tr '\0' 0), semaphore $(peer value /lab)"
	case $round in
	1) judge each-round-does-its-work "$work" "3 bytes left, the memory has hello0, semaphore 1" ;;
	2) judge each-round-does-its-work "$work" "2 bytes left, the memory has you0o0, semaphore 2" ;;
	esac
	peer send /lab 0 to
	held="worked: $(yes_or_no is_posted $round), $(held)"
	judge no-descriptor-of-the-queue-is-left "$held" "worked: yes, queue 0,*"
	judge no-descriptor-of-the-memory-is-left "$held" "worked: yes, *, memory 0,*"
	judge no-mapping-of-the-memory-is-left "$held" "worked: yes, *, mappings 0,*"
	judge no-semaphore-is-left-open "$held" "worked: yes, *, semaphore 0"
done
exec 8>&-
ends
judge it-ends-with-its-input "worked: $(yes_or_no is_posted 2), $end" "worked: yes, exit code 0"

# A round without the memory, and then one with it.
begin
rm /dev/shm/lab
line ''
sleep 0.7
comes nothing_is_held
before=$(peer value /lab)
skipped="$(bytes_in /lab) bytes left, semaphore $before, objects: $(objects)"
held=$(held)
the_memory
line ''
comes is_posted $((before + 1))
next="then worked: $(yes_or_no is_posted $((before + 1)))"
judge a-skipped-round-uses-nothing "$skipped, $next" "8 bytes left, semaphore 0, objects: lab sem.lab, then worked: yes"
judge a-skipped-round-leaves-nothing-open "$held, $next" "queue 0, memory 0, mappings 0, semaphore 0, then worked: yes"
exec 8>&-
