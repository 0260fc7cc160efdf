#!/usr/bin/python3
# In Python: the calls through ctypes, and the key put together from stat instead of ftok.
import ctypes
import errno
import os
import sys

IPC_CREAT, IPC_RMID = 0o1000, 0
libc = ctypes.CDLL(None, use_errno=True)
libc.msgrcv.restype = ctypes.c_ssize_t


class Message(ctypes.Structure):
    _fields_ = [("mtype", ctypes.c_long), ("mtext", ctypes.c_char * 1000)]


def send(queue, kind, text):
    message = Message(kind)
    ctypes.memmove(ctypes.addressof(message) + Message.mtext.offset, text, len(text))
    return libc.msgsnd(queue, ctypes.byref(message), ctypes.c_size_t(len(text)), 0)


def receive(queue, kind):
    message = Message()
    length = libc.msgrcv(queue, ctypes.byref(message), ctypes.c_size_t(1000), ctypes.c_long(kind), 0)
    if length == -1:
        sys.exit(1)
    return ctypes.string_at(ctypes.addressof(message) + Message.mtext.offset, length)


def main(role=None, file=None, number=None, text=None, *rest):
    if (role, text is None, number is None) not in (("server", True, False), ("client", False, False)) or rest:
        return 2
    try:
        status = os.stat(file)
    except OSError:
        return 3
    key = (int(number) & 0xFF) << 24 | (status.st_dev & 0xFF) << 16 | status.st_ino & 0xFFFF
    queue = libc.msgget(ctypes.c_int(key), IPC_CREAT | 0o600)
    if queue == -1:
        return 4 if ctypes.get_errno() == errno.EACCES else 1
    if role == "server":
        question = receive(queue, 1)
        return 1 if send(queue, 2, question.upper()) == -1 else 0
    if send(queue, 1, os.fsencode(text)) == -1:
        return 1
    receive(queue, 2)
    return 1 if libc.msgctl(queue, IPC_RMID, None) == -1 else 0


sys.exit(main(*sys.argv[1:]))
