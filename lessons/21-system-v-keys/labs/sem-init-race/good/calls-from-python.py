#!/usr/bin/python3
# In Python: semop through ctypes, and one operation that sets the value and sells a seat, if nobody did before.
import ctypes
import errno
import sys

IPC_CREAT, IPC_NOWAIT = 0o1000, 0o4000


class Sembuf(ctypes.Structure):
    _fields_ = [("num", ctypes.c_ushort), ("op", ctypes.c_short), ("flg", ctypes.c_short)]


libc = ctypes.CDLL(None, use_errno=True)


def semop(semid, *operations):
    """Whether it was done: all of it, or nothing."""
    if libc.semop(semid, (Sembuf * len(operations))(*operations), ctypes.c_size_t(len(operations))) == 0:
        return True
    if ctypes.get_errno() != errno.EAGAIN:
        sys.exit(3)
    return False


if len(sys.argv) != 3:
    sys.exit(2)
key, seats = map(int, sys.argv[1:])
semid = libc.semget(ctypes.c_int(key), 2, IPC_CREAT | 0o600)
if semid == -1:
    sys.exit(3)
first = semop(semid, (1, 0, IPC_NOWAIT), (1, 1, 0), (0, seats - 1, 0))
sys.exit(0 if first or semop(semid, (0, -1, IPC_NOWAIT)) else 1)
