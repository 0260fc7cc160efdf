#!/usr/bin/python3
# In Python: os.posix_fallocate on the file in /dev/shm, the rest through ctypes; all verdicts are printed at the end.
import ctypes
import os
import sys

IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IPC_RMID = 0o1000, 0o2000, 0o4000, 0
libc = ctypes.CDLL(None, use_errno=True)
rt = ctypes.CDLL("librt.so.1", use_errno=True)
libc.shmat.restype = ctypes.c_void_p
NAME, KEY = b"/in-python", 0x1234


class MqAttr(ctypes.Structure):
    _fields_ = [(name, ctypes.c_long) for name in ("flags", "maxmsg", "msgsize", "curmsgs")] + [
        ("reserved", ctypes.c_long * 4)
    ]


def new_mq(count, size):
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NONBLOCK
    return rt.mq_open(NAME, flags, 0o600, ctypes.byref(MqAttr(maxmsg=count, msgsize=size)))


def new_msgq():
    return libc.msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600)


def mq_send(mq, size):
    return rt.mq_send(mq, b"\0" * size, ctypes.c_size_t(size), 0) == 0


def msgsnd(queue, size):
    message = (1).to_bytes(8, sys.byteorder) + b"\0" * size
    return libc.msgsnd(queue, message, ctypes.c_size_t(size), IPC_NOWAIT) == 0


def posix_queue(count, size):
    mq = new_mq(count, size)
    if mq == -1:
        return False
    held = all(mq_send(mq, size) for _ in range(count))
    rt.mq_unlink(NAME)
    rt.mq_close(mq)
    return held


def system_v_queue(count, size):
    queue = new_msgq()
    held = all(msgsnd(queue, size) for _ in range(count))
    libc.msgctl(queue, IPC_RMID, None)
    return held


def posix_memory(size):
    path = "/dev/shm/in-python"
    fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        os.posix_fallocate(fd, 0, size)
        return True
    except OSError:
        return False
    finally:
        os.unlink(path)
        os.close(fd)


def system_v_memory(size):
    segment = libc.shmget(KEY, ctypes.c_size_t(size), IPC_CREAT | IPC_EXCL | 0o600)
    if segment == -1:
        return False
    ctypes.memset(libc.shmat(segment, None, 0), 1, size)
    libc.shmctl(segment, IPC_RMID, None)
    return True


def posix_tells():
    old = new_mq(1, 1)
    rt.mq_unlink(NAME)
    new = new_mq(1, 1)
    told = not mq_send(old, 1)
    rt.mq_unlink(NAME)
    rt.mq_close(old)
    rt.mq_close(new)
    return told


def system_v_tells():
    old = new_msgq()
    libc.msgctl(old, IPC_RMID, None)
    new = new_msgq()
    told = not msgsnd(old, 1)
    libc.msgctl(new, IPC_RMID, None)
    return told


def main(args):
    if len(args) != 3:
        return 2
    count, size, room = map(int, args)
    seen = {
        "queue posix": posix_queue(count, size),
        "queue system-v": system_v_queue(count, size),
        "memory posix": posix_memory(room),
        "memory system-v": system_v_memory(room),
        "told posix": posix_tells(),
        "told system-v": system_v_tells(),
    }
    can = [family for family in ("posix", "system-v") if seen["queue " + family] and seen["memory " + family]]
    if len(can) == 2:
        can = [family for family in can if seen["told " + family]] or ["posix"]
    for question, verdict in seen.items():
        print(question, "yes" if verdict else "no")
    print("take", can[0] if can else "neither")
    return 0


sys.exit(main(sys.argv[1:]))
