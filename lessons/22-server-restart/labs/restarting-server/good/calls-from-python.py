#!/usr/bin/python3
# In Python: SIGTERM is blocked, and a thread takes it with sigwait; the calls go through ctypes.
import ctypes
import errno
import os
import signal
import sys
import threading

IPC_CREAT, IPC_EXCL, IPC_RMID, MSG_NOERROR = 0o1000, 0o2000, 0, 0o10000
libc = ctypes.CDLL(None, use_errno=True)
libc.msgrcv.restype = ctypes.c_ssize_t


class Message(ctypes.Structure):
    _fields_ = [("mtype", ctypes.c_long), ("mtext", ctypes.c_ubyte * 64)]


def take_over(key):
    while True:
        queue = libc.msgget(key, IPC_CREAT | IPC_EXCL | 0o600)
        if queue != -1:
            return queue
        if ctypes.get_errno() != errno.EEXIST:
            sys.exit(1)
        old = libc.msgget(key, 0)
        if old != -1:
            libc.msgctl(old, IPC_RMID, None)


def answer(queue, text):
    number, blank, words = text.partition(b" ")
    if not blank or not number.isdigit() or not 1 < int(number) < 2**63:
        return
    words = words.upper()
    message = Message(int(number))
    ctypes.memmove(message.mtext, words, len(words))
    while libc.msgsnd(queue, ctypes.byref(message), ctypes.c_size_t(len(words)), 0) == -1:
        if ctypes.get_errno() != errno.EINTR:
            break


def serve(queue):
    while True:
        message = Message()
        length = libc.msgrcv(queue, ctypes.byref(message), ctypes.c_size_t(64), ctypes.c_long(1), MSG_NOERROR)
        if length >= 0:
            answer(queue, bytes(message.mtext[:length]))
        elif ctypes.get_errno() != errno.EINTR:
            # Removed: by the end of this process, or by a successor.
            os._exit(0 if ending.is_set() else 1)


if len(sys.argv) != 2:
    sys.exit(2)
ending = threading.Event()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
queue = take_over(ctypes.c_int(int(sys.argv[1], 16)))
threading.Thread(target=serve, args=[queue], daemon=True).start()
signal.sigwait([signal.SIGTERM])
ending.set()
libc.msgctl(queue, IPC_RMID, None)
os._exit(0)
