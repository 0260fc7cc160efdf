# A process that has a file open. The program must be able to look into it, so it has no capabilities either.
hold() { # FILE
	peer bare "$(command -v peer)" open "$1" &
	comes is_open_in "$!" "$1"
}

is_open_in() { # PID FILE
	ls -l "/proc/$1/fd" | grep -q -e "-> $2\$"
}

# What nobody holds.
experiment
: >/dev/shm/buffer
: >/dev/shm/.hidden
ln /dev/shm/buffer /dev/shm/second
: >/dev/mqueue/jobs
: >/dev/mqueue/.queue
chmod 0 /dev/mqueue/jobs
peer shmget 0x6c616231 4096
run
judge what-nobody-holds-is-removed "$end, left: $(objects)" "exit code 0, left: nothing"

# Strange names.
experiment
for name in -rf '*' 'a b' "$(printf 'new\nline')" 'back\slash'; do
	: >"/dev/shm/$name"
done
: >/dev/shm/line
hold /dev/shm/line
run
judge a-name-is-bytes "$end, left: $(objects)" "exit code 0, left: line"

# Objects that are open, mapped or attached, and an orphan.
experiment
: >/dev/shm/open
hold /dev/shm/open
echo x >/dev/shm/mapped
: >/dev/shm/orphan
peer bare "$(command -v peer)" map /dev/shm/mapped &
peer shmget 0x6c616231 4096
peer bare "$(command -v peer)" attach 0x6c616231 &
comes grep -qs /dev/shm/mapped /proc/[0-9]*/maps
comes awk 'NR > 1 && $7 == 1 { found = 1 } END { exit !found }' /proc/sysvipc/shm
run
judge what-a-process-holds-is-kept "$end, left: $(objects)" "exit code 0, left: mapped open shm"

# The held object has two names, and another name leads to a new object.
experiment
: >/dev/shm/held
ln /dev/shm/held /dev/shm/alias
: >/dev/shm/again
hold /dev/shm/held
hold /dev/shm/again
rm /dev/shm/again
: >/dev/shm/again
run
judge the-object-counts-and-not-its-name "$end, left: $(objects)" "exit code 0, left: alias held"

# No objects.
experiment
echo precious >precious
ln -s "$PWD/precious" /dev/shm/link
mkdir /dev/shm/folder
: >/dev/shm/folder/file
mkfifo /dev/shm/fifo
: >/dev/shm/theirs
chown 65534 /dev/shm/theirs 2>/dev/null || rm /dev/shm/theirs
: >/dev/shm/orphan
others=$(ls -A /dev/shm | grep -v orphan)
run
[ "$(ls -A /dev/shm)" = "$others" ] && [ -e precious ] && [ -e /dev/shm/folder/file ] && kept=yes || kept=no
judge what-is-no-object-is-left-alone "$end, everything else is kept: $kept" "exit code 0, everything else is kept: yes"

# System V queues and sets.
experiment
peer msgget 0x6c616231
peer set 0x6c616231 1
peer shmget 0x6c616231 4096
run
judge system-v-queues-and-sets-are-kept "$end, left: $(objects)" "exit code 0, left: msg sem"

# Options.
experiment
: >/dev/shm/orphan
run -n
grep -q orphan "$out" && shown=yes || shown=no
seen="-n: $end, shown: $shown, left: $(objects)"
for wrong in -x orphan; do
	run $wrong
	seen="$seen; $wrong: $end, left: $(objects)"
done
run
judge with-n-nothing-is-removed "$seen; $end, left: $(objects)" \
	"-n: exit code 0, shown: yes, left: orphan; -x: exit code 2, left: orphan; orphan: exit code 2, left: orphan; exit code 0, left: nothing"

# A folder that refuses.
experiment
: >/dev/shm/stuck
: >/dev/mqueue/jobs
peer shmget 0x6c616231 4096
chmod a-w /dev/shm
run
judge a-refusal-is-told-and-the-rest-removed "$end, left: $(objects)" "exit code 1, left: stuck"
chmod 1777 /dev/shm
