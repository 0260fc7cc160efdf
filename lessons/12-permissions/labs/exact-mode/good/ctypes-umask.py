#!/usr/bin/python3
# Python, which calls the C library by ctypes, without a umask
import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
name, mode = sys.argv[1].encode(), int(sys.argv[2], 8)
os.umask(0)
queue = libc.mq_open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, ctypes.c_uint(mode), None)
if queue == -1:
    sys.exit(f"mq_open: {os.strerror(ctypes.get_errno())}")
os.close(queue)
