#!/usr/bin/env python3
"""Plays the other side of a lab's program, where a shell cannot do it.

    python3 labs/look.py queue NAME [TEXT]      create a queue, and send TEXT to it
    python3 labs/look.py messages NAME MAXMSG [TEXT...]   create a queue for MAXMSG messages of 64 bytes, and send these
    python3 labs/look.py sender NAME TEXT...    send these to a queue, and wait whenever it is full
    python3 labs/look.py set KEY VALUE...       create a System V semaphore set with these values
    python3 labs/look.py values KEY             print the values of a set
    python3 labs/look.py serve KEY PROGRAM...   run a program together with a server for reconnecting-client
    python3 labs/look.py restart KEY PROGRAM... the same, but the server restarts before its second answer
    python3 labs/look.py fill KEY               fill a System V queue with answers that nobody receives
    python3 labs/look.py ask KEY PROGRAM...     run a program, and send it requests like a client of restarting-server
    python3 labs/look.py tickets NAME PROGRAM...     run a program twice, and send it requests like clients of request-reply
    python3 labs/look.py give PROGRAM...        run "PROGRAM give /lab socket", and receive from the socket
    python3 labs/look.py take N PROGRAM...      run "PROGRAM take socket", and send it the descriptors of N queues
    python3 labs/look.py move URGENT BULK OUT PROGRAM...   run "PROGRAM /urgent /bulk /out" with this many messages in the queues
    python3 labs/look.py rounds MISSING PROGRAM...   two rounds of close-everything; MISSING is queue, memory, descriptors or nothing

The commands that `lab check` prints use this program. With them you see what the grader has seen.
"""

import atexit
import contextlib
import ctypes
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

libc = ctypes.CDLL(None, use_errno=True)
O_CREAT, IPC_CREAT, IPC_NOWAIT, IPC_RMID, SETALL, GETALL = 0o100, 0o1000, 0o4000, 0, 17, 13


def call(name, *args):
    """Calls a function of the C library. If it fails, prints the error and ends this program."""
    result = getattr(libc, name)(*args)
    if result == -1:
        sys.exit(f"{name}: {os.strerror(ctypes.get_errno())}")
    return result


def send_all(queue, texts):
    for text in texts:
        call("mq_send", queue, text.encode(), ctypes.c_size_t(len(text)), 0)


def messages(name, maxmsg, *texts):
    attr = (ctypes.c_long * 8)(0, int(maxmsg), 64)
    send_all(call("mq_open", name.encode(), O_CREAT | os.O_RDWR, 0o600, attr), texts)


def sender(name, *texts):
    send_all(call("mq_open", name.encode(), os.O_WRONLY), texts)


def make_queue(name, text=None):
    """Creates a queue with this name, and returns its descriptor."""
    queue = call("mq_open", name.encode(), O_CREAT | os.O_RDWR, 0o600, None)
    if text is not None:
        call("mq_send", queue, text.encode(), ctypes.c_size_t(len(text)), 0)
    return queue


def message(mtype, text):
    """Returns a message in the form that msgsnd needs: its type, then its text."""
    return struct.pack("l", mtype) + text


def send(queue, mtype, text):
    call("msgsnd", queue, message(mtype, text), ctypes.c_size_t(len(text)), IPC_NOWAIT)


def receive(queue, mtype):
    """Receives the first message of this type. Returns its text, or None if there is no message."""
    buffer = ctypes.create_string_buffer(8 + 8192)
    length = libc.msgrcv(queue, buffer, ctypes.c_size_t(8192), ctypes.c_long(mtype), IPC_NOWAIT)
    return None if length == -1 else buffer.raw[8 : 8 + length]


def held(pid, name="lab"):
    """Lists the descriptors and mappings of a process whose file has this in its name."""
    fds = (f"/proc/{pid}/fd/{fd}" for fd in os.listdir(f"/proc/{pid}/fd"))
    links = [f"descriptor {fd.split('/')[-1]}: {os.readlink(fd)}" for fd in fds if name in os.readlink(fd)]
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        mapped = [f"mapping: {line.split()[-1]}" for line in maps if name in line and "/dev/shm" in line]
    return links + mapped


def queue(name, text=None):
    make_queue(name, text)


def set_(key, *values):
    array = (ctypes.c_ushort * len(values))(*map(int, values))
    semid = call("semget", int(key, 0), len(values), IPC_CREAT | 0o600)
    call("semctl", semid, 0, SETALL, array)


def values(key):
    array = (ctypes.c_ushort * 2)()
    semid = call("semget", int(key, 0), 0, 0)
    call("semctl", semid, 0, GETALL, array)
    print("values:", *array)


def serve(key, *command, restarts_at=None):
    """Runs a program together with a server that prints and answers each request."""
    queue_id = call("msgget", int(key, 0), IPC_CREAT | 0o600)
    program = start(command)
    until, requests = time.time() + 5, 0
    while program.poll() is None and time.time() < until:
        request = receive(queue_id, 1)
        if request is None:
            time.sleep(0.01)
            continue
        print("request:", request, flush=True)
        requests += 1
        if requests == restarts_at:
            call("msgctl", queue_id, IPC_RMID, None)
            queue_id = call("msgget", int(key, 0), IPC_CREAT | 0o600)
            print("the server has restarted", flush=True)
            continue
        answer_type, number = request.rstrip(b"\0").split()
        send(queue_id, int(answer_type), number)
    end(program)
    call("msgctl", queue_id, IPC_RMID, None)


def restart(key, *command):
    serve(key, *command, restarts_at=2)


def fill(key):
    queue_id = call("msgget", int(key, 0), IPC_CREAT | 0o600)
    text = b"x" * 64
    while libc.msgsnd(queue_id, message(9, text), ctypes.c_size_t(len(text)), IPC_NOWAIT) == 0:
        pass


def ask(key, *command):
    """Starts the program, which is a server, and sends it two requests."""
    program = start(command)
    time.sleep(1)
    queue_id = call("msgget", int(key, 0), 0)
    for mtype in (7, 8):
        send(queue_id, 1, b"%d hello" % mtype)
        time.sleep(0.5)
        print(f"request with type {mtype}; the answer:", receive(queue_id, mtype))
    terminate(program)
    end(program)


def tickets(name, *command):
    """Sends requests of the clients 7, 8 and 9, and prints the replies to 7 and 8. Client 9 has no queue, and
    client 6 has a full one. Kills the program after a while, and runs it once more. The program runs in an empty
    folder, because it may keep its tickets in a file."""
    make_queue(name + "-6")
    full = call("mq_open", (name + "-6").encode(), os.O_WRONLY | os.O_NONBLOCK)
    while libc.mq_send(full, b"old", ctypes.c_size_t(3), 0) == 0:
        pass
    queues = {client: make_queue(f"{name}-{client}") for client in (7, 8)}
    folder = tempfile.TemporaryDirectory()
    words = [os.path.abspath(word) if os.path.exists(word) else word for word in command]
    for _ in range(2):
        program = start(words, start_new_session=True, cwd=folder.name)
        time.sleep(0.3)
        requests = libc.mq_open(name.encode(), os.O_WRONLY | os.O_NONBLOCK)
        for text in (b"7 1", b"8 1", b"7 1", b"7 x", b"7 1 1", b"9 1", b"6 1", b"7 2"):
            libc.mq_send(requests, text, ctypes.c_size_t(len(text)), 0)
            time.sleep(0.1)
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        # This request waits for the next run.
        libc.mq_send(requests, b"8 3", ctypes.c_size_t(3), 0)
    for client, queue in queues.items():
        buffer = ctypes.create_string_buffer(8192)
        while libc.mq_timedreceive(queue, buffer, ctypes.c_size_t(8192), None, struct.pack("ll", 1, 0)) != -1:
            print(f"client {client}: {buffer.value.decode()}")
            buffer = ctypes.create_string_buffer(8192)
    for each in ("-6", "-7", "-8", ""):
        libc.mq_unlink((name + each).encode())
    folder.cleanup()


def terminate(program):
    """Sends SIGTERM to the server itself, even if strace has started it."""
    children = subprocess.run(["pgrep", "-P", str(program.pid)], stdout=subprocess.PIPE, check=False).stdout
    for pid in children.split() or [program.pid]:
        try:
            os.kill(int(pid), signal.SIGTERM)
        except ProcessLookupError:
            pass


def start(command, **options):
    """Starts a program that is killed when this one ends."""
    program = subprocess.Popen(command, **options)
    atexit.register(program.kill)
    return program


def accept(listener):
    """Waits for the program to connect, and returns the connection."""
    try:
        return listener.accept()[0]
    except TimeoutError:
        sys.exit("the program did not connect to the socket within 3 seconds")


def listen():
    """Returns a listening socket in a new folder, and its path."""
    folder = tempfile.mkdtemp()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{folder}/socket")
    listener.listen()
    listener.settimeout(3)
    return listener, f"{folder}/socket"


def give(*command):
    listener, path = listen()
    program = start([*command, "give", "/lab", path], stdin=subprocess.PIPE)
    program.communicate(b"57\n")
    end(program)
    print("queues that have a name:", os.listdir("/dev/mqueue"))
    connection = accept(listener)
    connection.settimeout(3)
    text, fds, _, _ = socket.recv_fds(connection, 16, 4)
    print(f"received from the socket: {text}, descriptors: {len(fds)}")
    for fd in fds:
        buffer = ctypes.create_string_buffer(8192)
        length = libc.mq_receive(fd, buffer, ctypes.c_size_t(8192), None)
        print("its message:", None if length == -1 else buffer.raw[:length])


def take(count, *command):
    listener, path = listen()
    queues = [make_queue(f"/look{n}") for n in range(int(count))]
    for n in range(int(count)):
        call("mq_unlink", b"/look%d" % n)
    program = start([*command, "take", path])
    connection = accept(listener)
    socket.send_fds(connection, [b"q"], queues)
    time.sleep(0.5)
    if program.poll() is None:
        with open(f"/proc/{program.pid}/syscall", encoding="utf-8") as file:
            print("the program waits in this system call:", file.read().strip())
        for line in held(program.pid, "/look"):
            with open(f"/proc/{program.pid}/fdinfo/{line.split()[1][:-1]}", encoding="utf-8") as file:
                print(f"{line}, {file.read().splitlines()[1]}")
    for fd in queues:
        call("mq_send", fd, b"61", ctypes.c_size_t(2), 0)
    end(program)


def rounds(missing, *command):
    """Runs two rounds, the first without the `missing` object, and prints what the program still holds.

    If `descriptors` are missing, the program can open one more descriptor in the first round, and no second.
    """
    program = start(command, stdin=subprocess.PIPE)
    time.sleep(0.3)  # until it reads
    for skip in (missing, "nothing"):
        objects = {"queue": "/dev/mqueue/lab", "memory": "/dev/shm/lab", "semaphore": "/dev/shm/sem.lab"}
        for path in objects.values():
            if os.path.exists(path):
                os.unlink(path)
        if skip != "queue":
            make_queue("/lab", "close it")
        call("sem_open", b"/lab", O_CREAT, 0o600, 0)
        if skip != "memory":
            with open("/dev/shm/lab", "wb") as memory:
                memory.truncate(4096)
        if missing == "descriptors":
            time.sleep(0.3)  # until the program waits for input
            limit_descriptors(program.pid, 1 if skip == missing else None)
        try:
            program.stdin.write(b"\n")
            program.stdin.flush()
        except BrokenPipeError:
            break
        time.sleep(0.5)
        print(f"objects after a round without {skip}:", [path for path in objects.values() if os.path.exists(path)])
        if os.path.exists("/dev/shm/lab"):
            with open("/dev/shm/lab", "rb") as memory:
                print("  the memory begins with", memory.read(9))
        if program.poll() is None:
            print("  the program still holds:", *held(program.pid), sep="\n    ")
    with contextlib.suppress(BrokenPipeError):  # it may have ended
        program.stdin.close()
    end(program)


def limit_descriptors(pid, more):
    """Lets a process open `more` further descriptors, or as many as its hard limit allows."""
    with contextlib.suppress(ProcessLookupError):  # it may have ended
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        is_free = (fd for fd in range(hard) if not os.path.lexists(f"/proc/{pid}/fd/{fd}"))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard if more is None else next(is_free) + more, hard))


def move(urgent, bulk, out, *command):
    """Fills three queues, runs a program between them for a second, and prints the messages of each queue."""
    counts = {"/urgent": int(urgent), "/bulk": int(bulk), "/out": int(out)}
    queues = {name: make_queue(name) for name in counts}
    for name, count in counts.items():
        for number in range(1, count + 1):
            text = f"{name[1:]} {number}".encode()
            call("mq_send", queues[name], text, ctypes.c_size_t(len(text)), 1)
        if name != "/out":
            call("mq_send", queues[name], b"", ctypes.c_size_t(0), 0)
    try:
        print("exit code:", subprocess.call([*command, *counts], timeout=1))
    except subprocess.TimeoutExpired:
        print("it does not end within a second")
    for name, mq in queues.items():
        attr = (ctypes.c_long * 8)()
        call("mq_getattr", mq, attr)
        print(f"{name} contains {attr[3]} messages:")
        for _ in range(attr[3]):
            buffer, priority = ctypes.create_string_buffer(8192), ctypes.c_uint()
            length = call("mq_receive", mq, buffer, ctypes.c_size_t(8192), ctypes.byref(priority))
            print("  priority", priority.value, buffer.raw[:length])
        call("mq_unlink", name.encode())


def end(program):
    """Waits up to 3 seconds for the program's end, and prints its exit code."""
    try:
        code = program.wait(3)
    except subprocess.TimeoutExpired:
        program.kill()
        code = "none, because the program did not end within 3 seconds"
    print("exit code:", code, flush=True)


def main():
    functions = (queue, messages, sender, values, serve, restart, fill, ask, tickets, give, take, move, rounds)
    commands = {"set": set_} | {f.__name__: f for f in functions}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])


main()
