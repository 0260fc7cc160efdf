#!/usr/bin/python3
# In Python: the calls of librt through ctypes, and a handler that does nothing.
import ctypes
import errno
import os
import signal
import sys
import time


class MqAttr(ctypes.Structure):
    _fields_ = [(name, ctypes.c_long) for name in ("flags", "maxmsg", "msgsize", "curmsgs")] + [
        ("reserved", ctypes.c_long * 4)
    ]


class Timespec(ctypes.Structure):
    _fields_ = [("sec", ctypes.c_long), ("nsec", ctypes.c_long)]


CODES = {errno.ENOENT: 3, errno.EACCES: 4, errno.ETIMEDOUT: 5, errno.EAGAIN: 5}


def checked(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def receive(name, seconds):
    rt = ctypes.CDLL("librt.so.1", use_errno=True)
    now = time.time()
    deadline = Timespec(int(now) + seconds, int(now % 1 * 1e9))
    mq = checked(rt.mq_open(os.fsencode(name), os.O_RDONLY))
    try:
        attr = MqAttr()
        checked(rt.mq_getattr(mq, ctypes.byref(attr)))
        buffer = ctypes.create_string_buffer(attr.msgsize)
        rt.mq_timedreceive.restype = ctypes.c_ssize_t
        while True:
            try:
                length = checked(
                    rt.mq_timedreceive(mq, buffer, ctypes.c_size_t(attr.msgsize), None, ctypes.byref(deadline))
                )
                return buffer.raw[:length]
            except OSError as error:
                if error.errno != errno.EINTR:
                    raise
    finally:
        rt.mq_close(mq)


def main():
    if len(sys.argv) != 3:
        return 2
    signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        message = receive(sys.argv[1], int(sys.argv[2]))
        sys.stdout.buffer.write(message)
        sys.stdout.buffer.flush()
        return 0
    except OSError as error:
        print(error, file=sys.stderr)
        return CODES.get(error.errno, 1)


sys.exit(main())
