# Several modes under several umasks, beside objects of another program.
for try in "027 0660 660" "077 777 777" "0 0600 600" "027 0000 0" "0 7 7"; do
	# shellcheck disable=SC2086 # words
	set -- $try
	experiment
	peer queue /other 2 16
	: >/dev/shm/theirs
	umask "$1"
	run /lab "$2"
	umask 022
	judge the-program-ends-with-exit-code-0 "$end, mode $(mode /dev/mqueue/lab)" "exit code 0, mode [0-7]*"
	judge the-queue-has-the-mode-under-any-umask "$end, umask $1, $2: mode $(mode /dev/mqueue/lab)" "exit code 0, umask $1, $2: mode $3"
	judge nothing-else-is-left "$end, $(objects)" "exit code 0, lab other theirs"
done
