# One side of a measurement with pyzmq: the same words on standard input and output as peer.ts.
# Usage: peer.py ROLE ADDRESS SIZE COUNT
import json
import sys
import time

import zmq

role, address, size, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
PROBE = b"probe"
# Requests before those that count, as in peer.ts: there a compiler has to come to know the code.
WARMING = 5_000
context = zmq.Context()
socket = context.socket(getattr(zmq, role))
if role in ("PUB", "SUB"):
    # Not to drop anything; PUSH waits at its mark.
    socket.setsockopt(zmq.SNDHWM, 0)
    socket.setsockopt(zmq.RCVHWM, 0)


def say(value):
    print(json.dumps(value), flush=True)


def probe():
    """Sends until the other side has got something."""
    poller = zmq.Poller()
    poller.register(sys.stdin, zmq.POLLIN)
    while not poller.poll(10):
        socket.send(PROBE)
    sys.stdin.readline()


if role in ("PUB", "PUSH"):
    socket.bind(address)
    payload = b"x" * size
    if role == "PUB":
        probe()
    for _ in range(count):
        socket.send(payload)
    sys.stdin.readline()
elif role in ("SUB", "PULL"):
    if role == "SUB":
        socket.setsockopt(zmq.SUBSCRIBE, b"")
    socket.connect(address)
    began = 0.0
    received = 0
    if role == "SUB":
        socket.recv()
        say("probed")
    while received < count:
        frame = socket.recv()
        if frame == PROBE:
            continue
        if received == 0:
            began = time.perf_counter()
        received += 1
    say(time.perf_counter() - began)
elif role == "REP":
    socket.bind(address)
    for _ in range(WARMING + count):
        socket.send(socket.recv())
    sys.stdin.readline()
else:
    socket.connect(address)
    payload = b"x" * size
    times = []
    for _ in range(WARMING + count):
        began = time.perf_counter()
        socket.send(payload)
        socket.recv()
        times.append((time.perf_counter() - began) * 1e6)
    say(times[WARMING:])
socket.close(linger=0)
context.term()
