#!/usr/bin/python3
# Python, which calls the C library by ctypes, and waits in sigwaitinfo.
import ctypes
import errno
import os
import signal
import sys

libc = ctypes.CDLL(None, use_errno=True)


class SigEvent(ctypes.Structure):
    _fields_ = [("value", ctypes.c_void_p), ("signo", ctypes.c_int), ("notify", ctypes.c_int), ("rest", ctypes.c_char * 48)]


def call(name, *args):
    result = getattr(libc, name)(*args)
    if result == -1:
        raise OSError(ctypes.get_errno(), name)
    return result


def drain(mq, msgsize):
    """Writes each message until the queue is empty. Returns False after an empty message."""
    buffer = ctypes.create_string_buffer(msgsize)
    try:
        while True:
            length = call("mq_receive", mq, buffer, ctypes.c_size_t(msgsize), None)
            if length == 0:
                return False
            os.write(1, buffer.raw[:length] + b"\n")
    except BlockingIOError:
        return True


def main():
    if len(sys.argv) != 2:
        sys.exit(2)
    signals = {signal.SIGTERM, signal.SIGUSR2}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    mq = call("mq_open", sys.argv[1].encode(), os.O_RDONLY | os.O_NONBLOCK)
    attr = (ctypes.c_long * 8)()
    call("mq_getattr", mq, attr)
    event = SigEvent(signo=signal.SIGUSR2, notify=0)
    while True:
        call("mq_notify", mq, ctypes.byref(event))
        if not drain(mq, attr[2]) or signal.sigwaitinfo(signals).si_signo == signal.SIGTERM:
            return


try:
    main()
except OSError as failure:
    print(failure, file=sys.stderr)
    sys.exit(3 if failure.errno == errno.EBUSY else 1)
