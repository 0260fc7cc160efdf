#!/bin/sh
# loses: an-empty-message-ends-it a-signal-while-it-waits-leaves-nothing the-exit-status-tells-of-the-signal a-signal-at-any-call-leaves-nothing more-signals-change-nothing a-call-that-fails-leaves-nothing EINTR-alone-is-no-end what-somebody-else-made-stays what-has-taken-its-place-stays after-SIGKILL-anew-starts
# It prints what a correct program might print and ends with exit code 0.
echo "created $1, received nothing, removed $1"
