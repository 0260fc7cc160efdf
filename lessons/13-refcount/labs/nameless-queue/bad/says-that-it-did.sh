#!/bin/sh
# loses: the-queue-has-no-name-while-the-child-waits both-hold-one-open-file-description the-child-is-executed-anew the-name-goes-before-the-child-comes the-message-arrives-through-the-queue the-parent-sends-and-returns-the-childs-code a-taken-name-is-left-alone nothing-is-left
# It prints what a correct program might print and ends with exit code 0.
read -r number
echo "child: received $number"
exit "$number"
