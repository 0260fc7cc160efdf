#!/usr/bin/python3
# Python, which parses /proc/PID/mountinfo for the device of the last mount on /dev/mqueue, and sends by ctypes.
import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
FLAGS = os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC


def device_of_mount(pid):
    """Returns the device that mqueue has in the process's /dev/mqueue; None if it is not mounted there."""
    device = None
    with open(f"/proc/{pid}/mountinfo", encoding="utf-8") as file:
        for line in file:
            fields = line.split()
            if fields[4] == "/dev/mqueue":
                device = fields[2] if fields[fields.index("-") + 1] == "mqueue" else None
    return device


def checked(result, what):
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def main():
    if len(sys.argv) != 4 or not sys.argv[1].isascii() or not sys.argv[1].isdigit() or int(sys.argv[1]) == 0:
        sys.exit(2)
    pid, name, text = int(sys.argv[1]), sys.argv[2], os.fsencode(sys.argv[3])
    try:
        theirs = os.readlink(f"/proc/{pid}/ns/ipc")
    except FileNotFoundError:
        sys.exit(3)
    same = theirs == os.readlink("/proc/self/ns/ipc")
    if not same and device_of_mount(pid) in (None, device_of_mount("self")):
        sys.exit(6)
    try:
        if same:
            queue = checked(libc.mq_open(os.fsencode(name), FLAGS), "mq_open")
        else:
            queue = os.open(f"/proc/{pid}/root/dev/mqueue{name}", FLAGS)
    except FileNotFoundError:
        sys.exit(4)
    try:
        checked(libc.mq_send(queue, text, ctypes.c_size_t(len(text)), 0), "mq_send")
    except BlockingIOError:
        sys.exit(5)
    print("same" if same else "other")


try:
    main()
except OSError as failure:
    sys.exit(str(failure))
