#!/usr/bin/python3
# Python, which calls the C library by ctypes, and waits with select.
import ctypes
import errno
import os
import select
import sys

libc = ctypes.CDLL(None, use_errno=True)
SIZE = 1 << 16


def call(name, *args):
    """Calls a function of the C library until no signal interrupts it."""
    while True:
        result = getattr(libc, name)(*args)
        if result != -1:
            return result
        number = ctypes.get_errno()
        if number != errno.EINTR:
            raise OSError(number, name)


class Queue:
    def __init__(self, name):
        self.mq = call("mq_open", name.encode(), os.O_RDONLY | os.O_NONBLOCK)
        self.has_ended = False

    def take(self):
        """Returns the next message; None if there is none."""
        buffer = ctypes.create_string_buffer(SIZE)
        try:
            length = call("mq_receive", self.mq, buffer, ctypes.c_size_t(SIZE), None)
        except BlockingIOError:
            return None
        return buffer.raw[:length]


def main():
    if len(sys.argv) != 4:
        sys.exit(2)
    urgent, bulk = Queue(sys.argv[1]), Queue(sys.argv[2])
    out = call("mq_open", sys.argv[3].encode(), os.O_WRONLY)
    row = 0
    while waiting := [queue.mq for queue in (urgent, bulk) if not queue.has_ended]:
        for queue in (bulk, urgent) if row >= 4 else (urgent, bulk):
            message = None if queue.has_ended else queue.take()
            if message is not None:
                break
        else:
            select.select(waiting, [], [])
            continue
        if message:
            call("mq_send", out, message, ctypes.c_size_t(len(message)), 0)
            row = row + 1 if queue is urgent else 0
        else:
            queue.has_ended = True


try:
    main()
except OSError as failure:
    sys.exit(f"{failure}")
