#!/usr/bin/python3
# Python, which calls the C library by ctypes, with one date for all calls.
import ctypes
import errno
import os
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)


class Timespec(ctypes.Structure):
    _fields_ = [("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long)]



start = time.time_ns()
if len(sys.argv) != 3 or not sys.argv[2].isdecimal() or int(sys.argv[2]) < 1:
    sys.exit(2)
end = start + int(sys.argv[2]) * 1_000_000
date = Timespec(*divmod(end, 1_000_000_000))
mq = libc.mq_open(os.fsencode(sys.argv[1]), os.O_RDONLY)
if mq == -1:
    sys.exit(3 if ctypes.get_errno() == errno.ENOENT else 1)
attr = (ctypes.c_long * 8)()
libc.mq_getattr(mq, attr)
message = ctypes.create_string_buffer(attr[2])
while time.time_ns() < end:
    length = libc.mq_timedreceive(mq, message, attr[2], None, ctypes.byref(date))
    if length == -1 and ctypes.get_errno() in (errno.EINTR, errno.ETIMEDOUT):
        continue
    if length == -1:
        sys.exit(1)
    text = message.raw[:length]
    if text == b"end":
        sys.exit(0)
    sys.stdout.buffer.write(text + b"\n")
    sys.stdout.buffer.flush()
sys.exit(4)
