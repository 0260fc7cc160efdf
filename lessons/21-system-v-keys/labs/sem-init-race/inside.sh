first_value() { # KEY
	peer values "$1" | sed 's/ .*//'
}

# One after another.
experiment
codes=
for one in 1 2 3; do
	run 4242 2
	codes="$codes$one: $end, "
done
value=$(first_value 4242)
run
judge one-after-another-each-gets-a-seat "${codes}value $value; no arguments: $end" \
	"1: exit code 0, 2: exit code 0, 3: exit code 1, value 0; no arguments: exit code 2"
experiment
run 4243 32767
judge one-after-another-each-gets-a-seat "32767 seats: $end, value $(first_value 4243)" "32767 seats: exit code 0, value 32766"

# Four at once, in one of the many orders.
experiment
all=
for one in 1 2 3 4; do
	start 4242 3
	all="$all $pid"
done
sold=0
refused=0
for one in $all; do
	ends "$one"
	case $end in
	"exit code 0") sold=$((sold + 1)) ;;
	"exit code 1") refused=$((refused + 1)) ;;
	esac
done
judge at-once-each-seat-is-sold-once "sold $sold, refused $refused, value $(first_value 4242)" "sold 3, refused 1, value 0"

# The creator was killed before the set had its value: here the set is made by hand.
experiment
peer new-set 4242 2
run 4242 3
case "$end, value $(first_value 4242)" in
"exit code 0, value 2" | "exit code 4, value 0") all=right ;;
*) all="$end, value $(first_value 4242)" ;;
esac
judge a-killed-creator-keeps-nobody "$all" right
