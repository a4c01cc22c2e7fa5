"""A program that speaks for itself on NATS, with nothing but Python: does what its arguments say, one after the other.

status=ok:open  beat=0.1  sleep=0.5  until=FILE (is there)  exit=3  serve=expose  wait (until SIGTERM; then a last status)  as=NAME (other parent)
"""

import json
import os
import signal
import socket
import sys
import threading
import time
from datetime import datetime, timezone

service_id = os.environ["TCS_SERVICE_ID"]
prefix = os.environ["TCS_SUBJECT_PREFIX"]
parent = os.environ["TCS_PARENT_NAME"]
connection = socket.create_connection((os.environ["NATS_HOST"], int(os.environ["NATS_PORT"])))
lock = threading.Lock()
# Not an Event: set by a signal in the moment in which it begins to be waited for, it would wait for itself.
told_to_stop, tell_to_stop = os.pipe()
commands = {}


def send(text):
    with lock:
        connection.sendall(text.encode())


def timestamp():
    now = datetime.now(timezone.utc)
    return [now.year, now.month, now.day, now.hour, now.minute, now.second, now.microsecond]


def publish(subject, data):
    meta = {"id": "msg-1", "sender": f"Speaker_{os.getpid()}", "ts": timestamp(), "trace_level": 10, "message_type": "", "tags": []}
    payload = json.dumps({"data": data, "meta": meta})
    send(f"PUB {subject} {len(payload.encode())}\r\n{payload}\r\n")


def listen():
    for line in connection.makefile():
        if line.startswith("PING"):
            send("PONG\r\n")
        elif line.startswith("PONG"):
            flushed.set()
        elif line.startswith("MSG"):
            words = line.split()
            if len(words) == 5:
                publish(words[3], {"answer": words[1].split(".")[-1]})


def flush():
    flushed.clear()
    send("PING\r\n")
    flushed.wait(5)


def say(value):
    status, _, message = value.partition(":")
    data = {"name": service_id, "status": status, "message": message, "timestamp": timestamp(), "parent": parent}
    publish(f"{prefix}.status.{service_id}", {**data, "pid": os.getpid(), "hostname": socket.gethostname()})
    flush()


def beat(interval):
    while True:
        publish(f"{prefix}.heartbeat.{service_id}", {"service_id": service_id, "timestamp": timestamp(), "status": "ok"})
        time.sleep(interval)


flushed = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: os.write(tell_to_stop, b"."))
send('CONNECT {"verbose": false}\r\n')
threading.Thread(target=listen, daemon=True).start()
flush()
for argument in sys.argv[1:]:
    verb, _, value = argument.partition("=")
    if verb == "status":
        say(value)
    elif verb == "beat":
        threading.Thread(target=beat, args=[float(value)], daemon=True).start()
    elif verb == "sleep":
        time.sleep(float(value))
    elif verb == "until":
        while not os.path.exists(value):
            time.sleep(0.01)
    elif verb == "serve":
        send(f"SUB {prefix}.rpc.{service_id}.v1.{value} 1\r\n")
        flush()
    elif verb == "as":
        parent = value
    elif verb == "wait":
        os.read(told_to_stop, 1)
        # As services of the Python framework do.
        say("ok:Service stopped")
    elif verb == "exit":
        flush()
        os._exit(int(value))
