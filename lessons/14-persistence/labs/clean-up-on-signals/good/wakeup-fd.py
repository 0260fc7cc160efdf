#!/usr/bin/python3
# Python, whose wake-up descriptor tells select of a signal; the queue's calls by ctypes
import ctypes
import os
import select
import signal
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.mq_receive.restype = ctypes.c_ssize_t
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


class Attr(ctypes.Structure):
    _fields_ = [(field, ctypes.c_long) for field in ("flags", "maxmsg", "msgsize", "curmsgs", *"abcd")]


def serve(queue, wake_up):
    while True:
        readable, _, _ = select.select([wake_up, queue], [], [])
        if wake_up in readable:
            return 128 + os.read(wake_up, 1)[0]
        message = ctypes.create_string_buffer(64)
        length = libc.mq_receive(queue, message, ctypes.c_size_t(64), None)
        if length == 0:
            return 0
        if length == -1 and ctypes.get_errno() not in (4, 11):
            return 1


def main(name, anew):
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    wake_up, their_end = os.pipe()
    os.set_blocking(their_end, False)
    signal.set_wakeup_fd(their_end)
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)
    file = f"/dev/shm{name}"
    if anew:
        libc.mq_unlink(name.encode())
        if os.path.lexists(file):
            os.unlink(file)
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
    attr = Attr(0, 4, 64, 0)
    queue = libc.mq_open(name.encode(), flags | os.O_NONBLOCK, 0o600, ctypes.byref(attr))
    if queue == -1:
        return 1
    memory, code = -1, 1
    try:
        memory = os.open(file, flags, 0o600)
        os.ftruncate(memory, 4096)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        code = serve(queue, wake_up)
    except OSError as error:
        print(error, file=sys.stderr)
    if memory != -1 and os.fstat(memory).st_nlink:
        os.unlink(file)
    if os.fstat(queue).st_nlink:
        libc.mq_unlink(name.encode())
    return code


sys.exit(main(sys.argv[-1], sys.argv[1] == "--anew"))
