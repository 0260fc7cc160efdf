#!/usr/bin/python3
# In Python: semop through ctypes, and os.sched_yield of the standard library.
import ctypes
import errno
import os
import sys

SEM_UNDO = 0x1000


class Sembuf(ctypes.Structure):
    _fields_ = [("num", ctypes.c_ushort), ("op", ctypes.c_short), ("flg", ctypes.c_short)]


libc = ctypes.CDLL(None, use_errno=True)


def semop(semid, *operations):
    array = (Sembuf * len(operations))(*operations)
    while libc.semop(semid, array, ctypes.c_size_t(len(operations))) == -1:
        error = ctypes.get_errno()
        if error == errno.EINTR:
            continue
        print(os.strerror(error), file=sys.stderr)
        sys.exit(3 if error in (errno.EIDRM, errno.EINVAL) else 1)


if len(sys.argv) != 3:
    sys.exit(2)
semid = libc.semget(ctypes.c_int(int(sys.argv[1], 16)), 0, 0)
if semid == -1:
    sys.exit(3)
for _ in range(int(sys.argv[2])):
    semop(semid, (0, -1, SEM_UNDO))
    os.sched_yield()
    semop(semid, (0, 1, SEM_UNDO), (1, 1, 0))
