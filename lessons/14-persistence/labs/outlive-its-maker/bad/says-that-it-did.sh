#!/bin/sh
# loses: the-object-outlives-its-maker the-name-shows-all-or-nothing the-next-run-copes-with-a-killed-one of-two-makers-one-wins a-taken-name-is-left-alone nothing-else-is-left a-killed-maker-leaves-no-other-name
# It prints what a correct program might print and ends with exit code 0.
echo "$1: $(wc -c) bytes"
