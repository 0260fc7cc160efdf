#!/usr/bin/python3
# Python, which calls the C library by ctypes, and a text file with a line for each request.
import ctypes
import errno
import os
import re
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.mq_receive.restype = ctypes.c_ssize_t
service = sys.argv[1]

lines = open("tickets", "a+b", buffering=0)
lines.seek(0)
requests = lines.read().splitlines()
attr = (ctypes.c_long * 8)(0, 10, 64)
flags = os.O_CREAT | os.O_RDONLY
queue = libc.mq_open(service.encode(), flags, ctypes.c_uint(0o600), ctypes.byref(attr))
if queue == -1:
    sys.exit(1)

while True:
    buffer = ctypes.create_string_buffer(64)
    length = libc.mq_receive(queue, buffer, ctypes.c_size_t(64), None)
    if length == -1:
        if ctypes.get_errno() == errno.EINTR:
            continue
        sys.exit(1)
    request = buffer.raw[:length]
    if not re.fullmatch(rb"[1-9][0-9]{0,8} [1-9][0-9]{0,8}", request):
        continue
    if request not in requests:
        lines.write(request + b"\n")
        requests.append(request)
    client, number = request.split()
    reply = b"%s %d" % (number, requests.index(request) + 1)
    name = service.encode() + b"-" + client
    to = libc.mq_open(name, os.O_WRONLY | os.O_NONBLOCK)
    if to != -1:
        libc.mq_send(to, reply, ctypes.c_size_t(len(reply)), ctypes.c_uint(0))
        libc.mq_close(to)
