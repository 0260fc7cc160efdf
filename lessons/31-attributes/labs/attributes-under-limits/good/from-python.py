#!/usr/bin/python3
# Python, which calls the C library by ctypes, searches the largest number by halving, and waits for the command.
import ctypes
import errno
import os
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
Attr = ctypes.c_long * 8


def mq_open(name, flags, *attr):
    if attr:
        attr = (ctypes.c_uint(0o600), ctypes.byref(Attr(0, *attr)))
    mq = libc.mq_open(name, os.O_RDWR | flags, *attr)
    if mq == -1:
        raise OSError(ctypes.get_errno(), "mq_open")
    return mq


def create(name, maxmsg, msgsize):
    try:
        return mq_open(name, os.O_CREAT | os.O_EXCL, maxmsg, msgsize)
    except OSError as error:
        if error.errno != errno.EMFILE:
            raise
        return None


def setting(name):
    with open("/proc/sys/fs/mqueue/" + name, encoding="ascii") as file:
        return int(file.read())


def create_largest(name, maxmsg, msgsize):
    """Searches with queues of another name, and then creates the queue."""
    maxmsg, msgsize = min(maxmsg, setting("msg_max")), min(msgsize, setting("msgsize_max"))
    most = 0
    while most < maxmsg:
        middle = (most + maxmsg + 1) // 2
        probe = b"/probe.%d" % os.getpid()
        mq = create(probe, middle, msgsize)
        if mq is None:
            maxmsg = middle - 1
        else:
            libc.mq_unlink(probe)
            os.close(mq)
            most = middle
    mq = create(name, most, msgsize) if most else None
    if mq is None:
        sys.exit(3)
    return mq


def get(name, maxmsg, msgsize):
    while True:
        try:
            return mq_open(name, 0), True
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
        try:
            try:
                return mq_open(name, os.O_CREAT | os.O_EXCL, maxmsg, msgsize), False
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.EMFILE):
                    raise
                return create_largest(name, maxmsg, msgsize), False
        except FileExistsError:
            pass


def main():
    try:
        wish = [int(word) for word in sys.argv[2:4]]
    except ValueError:
        sys.exit(2)
    if len(wish) < 2 or min(wish) < 1:
        sys.exit(2)
    mq, existing = get(sys.argv[1].encode(), *wish)
    attr = Attr()
    libc.mq_getattr(mq, ctypes.byref(attr))
    got = attr[1:3]
    word = "existing" if existing else "created" if got == wish else "reduced"
    print(word, *got, flush=True)
    if sys.argv[4:]:
        os.dup2(mq, 3)
        os.set_inheritable(3, True)
        sys.exit(subprocess.call(sys.argv[4:], close_fds=False))


try:
    main()
except OSError as failure:
    sys.exit(str(failure))
