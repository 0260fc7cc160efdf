# Prints yes or no: what this kernel does with such needs.
posix_queue() { # COUNT SIZE
	yes_or_no peer bare "$(command -v peer)" queue /try "$1" "$2"
	rm -f /dev/mqueue/try
}

system_v_queue() { # COUNT SIZE
	yes_or_no [ $(($1 * $2)) -le "$(cat /proc/sys/kernel/msgmnb)" ]
}

# Needs that both, one or none of the families can meet; the memory is no obstacle.
for needs in "4 64 65536" "9 4096 65536" "40 64 4096" "40 8192 4096"; do
	# shellcheck disable=SC2086 # words
	set -- $needs
	experiment
	posix=$(posix_queue "$1" "$2")
	system_v=$(system_v_queue "$1" "$2")
	run "$@"
	judge queue-posix-is-tried-and-told-right "$needs: $(grep '^queue posix' "$out")" "$needs: queue posix $posix"
	judge queue-system-v-is-tried-and-told-right "$needs: $(grep '^queue system-v' "$out")" "$needs: queue system-v $system_v"
	judge memory-posix-is-tried-and-told-right "$needs: $(grep '^memory posix' "$out")" "$needs: memory posix yes"
	case $posix$system_v in
	*yes) take=system-v ;;
	yesno) take=posix ;;
	*) take=neither ;;
	esac
	judge the-choice-follows "$needs: $(grep '^take' "$out")" "$needs: take $take"
	judge nothing-is-left "$end, lines: $(grep -c -e yes -e no -e take "$out"), left: $(objects)" "exit code 0, lines: 7, left: nothing"
done

# There is little room in /dev/shm.
experiment
mount -o remount,size=65536 /dev/shm
run 4 64 1000000
mount -o remount,size=16m /dev/shm
judge memory-posix-is-tried-and-told-right "little room: $(grep '^memory posix' "$out")" "little room: memory posix no"
