"""A Python program on the other end: the real `serverish`, told what to do by its arguments. Prints JSON lines."""
import asyncio
import json
import logging
import sys

logging.disable(logging.CRITICAL)

from serverish.messenger import (  # noqa: E402
    Messenger,
    get_callbacksubscriber,
    get_journalpublisher,
    get_journalreader,
    get_progresspublisher,
    get_progressreader,
    get_publisher,
    get_reader,
    get_rpcresponder,
    request,
    single_read,
)


def tell(**facts):
    print(json.dumps(facts), flush=True)


async def publish(subject, *texts):
    publisher = get_publisher(subject)
    for text in texts:
        await publisher.publish(json.loads(text))


async def read(subject, policy, count):
    tell(ready=True)
    reader = get_reader(subject, deliver_policy=policy, nowait=count == "all")
    left = -1 if count == "all" else int(count)
    async for data, meta in reader:
        tell(data=data, meta=meta)
        left -= 1
        if left == 0:
            break


async def single(subject):
    data, meta = await single_read(subject, wait=20)
    tell(data=data, meta=meta)


async def journal(subject):
    publisher = get_journalpublisher(subject)
    await publisher.info("the dome opens")
    await publisher.notice("a notice with {}", "words")
    await publisher.warning("wind", explanation="15 m/s", icon="W", actions=["acknowledge"])


async def read_journal(subject, count):
    tell(ready=True)
    left = int(count)
    async for entry, meta in get_journalreader(subject, deliver_policy="all"):
        tell(entry=entry.to_dict(), type=meta["message_type"])
        left -= 1
        if left == 0:
            break


async def progress(subject):
    publisher = get_progresspublisher(subject)
    task = await publisher.add_task("exposing", total=3)
    for _ in range(3):
        await publisher.advance(task)


async def read_progress(subject):
    tell(ready=True)
    async for task, meta in get_progressreader(subject, deliver_policy="all"):
        tell(task=task.to_dict(), percentage=task.percentage, tags=meta["tags"])


async def respond(subject):
    def answer(rpc):
        if rpc.data.get("a") == 0:
            raise ValueError("a is zero")
        rpc.set_response(data={"sum": rpc.data["a"] + rpc.data["b"]}, meta={"tags": ["from-python"]})

    responder = get_rpcresponder(subject)
    await responder.open()
    await responder.register_function(answer)
    tell(ready=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await responder.close()


async def ask(subject, text):
    data, meta = await request(subject, json.loads(text), timeout=20)
    tell(data=data, meta=meta)


async def follow(subject):
    async def seen(data, meta):
        tell(data=data, sender=meta["sender"])

    subscriber = get_callbacksubscriber(subject, deliver_policy="new")
    await subscriber.open()
    await subscriber.subscribe(seen)
    tell(ready=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await subscriber.close()


async def main(port, what, *args):
    commands = dict(
        publish=publish, read=read, single=single, journal=journal, progress=progress,
        respond=respond, ask=ask, follow=follow,
    )
    commands["read-journal"] = read_journal
    commands["read-progress"] = read_progress
    async with Messenger().context("127.0.0.1", int(port)):
        await commands[what](*args)


asyncio.run(main(*sys.argv[1:]))
