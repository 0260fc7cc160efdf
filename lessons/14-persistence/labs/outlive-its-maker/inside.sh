# The program reads from a pipe, as behind `|` in the shell. Sets $input.
pipe_from() { # FILE
	input=$1.pipe
	[ -e "$input" ] || mkfifo "$input"
	cat "$1" >"$input" &
}

# All bytes, and how many there are.
experiment
{
	seq 12000
	printf 'a\0b\377'
} | head -c 65536 >contents
printf 'zero\0bytes\n' >short
for file in contents short; do
	rm -f /dev/shm/lab
	pipe_from $file
	run /lab
	same=$(yes_or_no cmp "$file" /dev/shm/lab)
	judge the-object-outlives-its-maker "$end, the same bytes: $same" "exit code 0, the same bytes: yes"
	judge nothing-else-is-left "$end, $(objects)" "exit code 0, lab"
done

# Two at once, in one of the many orders.
experiment
echo A >A
echo B >B
pipe_from A
start /lab
first=$pid
pipe_from B
start /lab
second=$pid
ends "$first"
codes=$end
ends "$second"
case "$codes, $end, $(cat /dev/shm/lab 2>/dev/null)" in
"exit code 0, exit code 1, A" | "exit code 1, exit code 0, B") all=right ;;
*) all="$codes, $end, contents $(cat /dev/shm/lab 2>/dev/null)" ;;
esac
judge of-two-makers-one-wins "$all" right

# The name is taken: by an object, an empty one, a link that leads nowhere, a folder.
for taken in 'echo A >/dev/shm/lab' ': >/dev/shm/lab' 'ln -s nowhere /dev/shm/lab' 'mkdir /dev/shm/lab'; do
	experiment
	eval "$taken"
	before=$(ls -lid /dev/shm/lab)
	echo B >B
	pipe_from B
	run /lab
	judge a-taken-name-is-left-alone "$taken: $end, $(ls -lid /dev/shm/lab)" "$taken: exit code 1, $before"
done
