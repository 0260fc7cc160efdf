#!/bin/sh
# loses: what-nobody-holds-is-removed a-name-is-bytes what-a-process-holds-is-kept the-object-counts-and-not-its-name what-is-no-object-is-left-alone system-v-queues-and-sets-are-kept with-n-nothing-is-removed a-refusal-is-told-and-the-rest-removed
# It reports a clean-up and ends with exit code 0.

echo "5 objects removed, 0 kept"
