#!/usr/bin/python3
# Python, whose mode "x" creates a file of /dev/mqueue that must not be there
import sys
import time

time.sleep(0.2)
try:
    open(f"/dev/mqueue{sys.argv[1]}", "xb", buffering=0).close()
except FileExistsError:
    sys.exit(1)
except OSError as error:
    print(error, file=sys.stderr)
    sys.exit(2)
