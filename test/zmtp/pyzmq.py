# One pyzmq socket, told what to do: a line of JSON in, a line of JSON out.
# Usage: pyzmq.py ROLE [OPTION=NUMBER…]
import json
import sys

import zmq

SHOWN = 2000

context = zmq.Context()
socket = context.socket(getattr(zmq, sys.argv[1]))
socket.linger = 0
for option in sys.argv[2:]:
    name, value = option.split("=")
    socket.setsockopt(getattr(zmq, name), int(value))


def shown(frame):
    """Text, or what a large frame is made of."""
    return frame.decode() if len(frame) < SHOWN else f"{len(frame)} x {sorted(set(frame[:: 65536]))}"


def receive(limit):
    return [shown(frame) for frame in socket.recv_multipart()] if socket.poll(limit) else None


def run(op, *args):
    """Does as it is told. Returns what came, if anything was to come."""
    if op == "receive":
        return receive(args[0])
    if op == "count":
        received = 0
        while receive(args[0]):
            received += 1
        return received
    if op == "bind":
        socket.bind(*args)
    elif op == "connect":
        socket.connect(*args)
    elif op == "subscribe":
        socket.setsockopt_string(zmq.SUBSCRIBE, *args)
    elif op == "send":
        # libzmq sees at once what has become of its connections, not some time later.
        socket.getsockopt(zmq.EVENTS)
        socket.send_multipart([frame.encode() for frame in args])
    elif op == "send_large":
        socket.send(bytes([args[1]]) * args[0])
    else:
        raise ValueError(op)
    return None


for line in sys.stdin:
    try:
        answer = {"value": run(*json.loads(line))}
    except zmq.ZMQError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
