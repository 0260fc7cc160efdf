#!/usr/bin/python3
# Python: its subprocess module passes a descriptor on to a second Python. The queue is used with ctypes.
import ctypes
import os
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.mq_receive.restype = ctypes.c_ssize_t


class Attr(ctypes.Structure):
    _fields_ = [(field, ctypes.c_long) for field in ("flags", "maxmsg", "msgsize", "curmsgs", *"abcd")]


if sys.argv[1] == "--receive":
    message = ctypes.create_string_buffer(64)
    length = libc.mq_receive(int(sys.argv[2]), message, ctypes.c_size_t(64), None)
    sys.exit(int(message.raw[:length]))

name = sys.argv[1].encode()
queue = libc.mq_open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600, ctypes.byref(Attr(0, 1, 64, 0)))
if queue == -1:
    sys.exit(1)
libc.mq_unlink(name)
child = subprocess.Popen([sys.executable, __file__, "--receive", str(queue)], pass_fds=[queue])
number = sys.stdin.readline().rstrip("\n").encode()
libc.mq_send(queue, number, ctypes.c_size_t(len(number)), 0)
sys.exit(child.wait())
