#!/usr/bin/python3
# Python, whose wake-up descriptor tells poll of the signal; the queues' calls by ctypes
import ctypes
import os
import select
import signal
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.mq_receive.restype = ctypes.c_ssize_t
SIZE = ctypes.c_size_t(64)


def open_queue(name, flags):
    queue = libc.mq_open(name.encode(), flags | os.O_NONBLOCK)
    if queue == -1:
        sys.exit(1)
    return queue


def wait_for(wake_up, events):
    """Returns the ready descriptors. At SIGTERM, ends the program, which holds no message here."""
    poll = select.poll()
    poll.register(wake_up, select.POLLIN)
    for descriptor, event in events.items():
        poll.register(descriptor, event)
    ready = [descriptor for descriptor, _ in poll.poll()]
    if wake_up in ready:
        os._exit(0)
    return ready


def move(queue, out):
    text = ctypes.create_string_buffer(64)
    priority = ctypes.c_uint()
    length = libc.mq_receive(queue, text, SIZE, ctypes.byref(priority))
    if length != -1:
        libc.mq_send(out, text, ctypes.c_size_t(length), priority)


def main(names):
    if len(names) < 2:
        sys.exit(2)
    wake_up, their_end = os.pipe()
    os.set_blocking(their_end, False)
    signal.set_wakeup_fd(their_end)
    signal.signal(signal.SIGTERM, lambda *_: None)
    out = open_queue(names[0], os.O_WRONLY)
    inputs = {open_queue(name, os.O_RDONLY): select.POLLIN for name in names[1:]}
    while True:
        for queue in wait_for(wake_up, inputs):
            wait_for(wake_up, {out: select.POLLOUT})
            move(queue, out)


main(sys.argv[1:])
