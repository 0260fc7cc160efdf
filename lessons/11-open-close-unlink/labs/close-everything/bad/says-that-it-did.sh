#!/bin/sh
# loses: each-round-does-its-work no-descriptor-of-the-queue-is-left no-descriptor-of-the-memory-is-left no-mapping-of-the-memory-is-left no-semaphore-is-left-open a-skipped-round-uses-nothing a-skipped-round-leaves-nothing-open at-the-descriptor-limit-nothing-is-left-open it-ends-with-its-input
# It prints what a correct program might print and ends with exit code 0.
while read -r line; do
	echo "$1: received, written, posted, closed"
done
