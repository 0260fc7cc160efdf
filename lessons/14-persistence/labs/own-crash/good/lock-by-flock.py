#!/usr/bin/python3
# Python: fcntl.flock of the queue's descriptor, and the queue's calls by ctypes; it is in no hurry
import ctypes
import fcntl
import os
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)


class Attr(ctypes.Structure):
    _fields_ = [(field, ctypes.c_long) for field in ("flags", "maxmsg", "msgsize", "curmsgs", *"abcd")]


def main(name, count):
    attr = Attr(0, count, 16, 0)
    queue = libc.mq_open(name.encode(), os.O_CREAT | os.O_RDWR, 0o600, ctypes.byref(attr))
    if queue == -1:
        return 1
    try:
        fcntl.flock(queue, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 3
    libc.mq_getattr(queue, ctypes.byref(attr))
    for order in range(attr.curmsgs + 1, count + 1):
        time.sleep(0.01)
        text = str(order).encode()
        if libc.mq_send(queue, text, ctypes.c_size_t(len(text)), 0) == -1:
            return 1
    return 0


sys.exit(main(sys.argv[1], int(sys.argv[2])) if len(sys.argv) == 3 else 2)
