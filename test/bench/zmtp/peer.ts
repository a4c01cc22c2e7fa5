// One side of a measurement with our sockets: the same words on standard input and output as peer.py.
// Usage: peer.ts ROLE ADDRESS SIZE COUNT
import { Publisher, Pull, Push, type ReceivingSocket, Reply, Request, Subscriber } from "../../../src/zmtp/index.ts";

const [role = "", address = "", sizeText, countText] = process.argv.slice(2);
const size = Number(sizeText);
const count = Number(countText);
const PROBE = "probe";
/** Requests before those that count, as in peer.py. */
const WARMING = 5_000;
const payload = Buffer.alloc(size, "x");
/** Not to drop anything; PUSH waits at its mark. */
const UNLIMITED = { highWaterMark: Infinity, highWaterBytes: Infinity };

const input = process.stdin[Symbol.asyncIterator]();
const toldToGoOn = async () => void (await input.next());
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

async function publish(): Promise<void> {
  await using socket = new Publisher(UNLIMITED);
  await socket.bind(address);
  const told = toldToGoOn().then(() => true);
  while (!(await Promise.race([told, Bun.sleep(10).then(() => false)]))) await socket.send(PROBE);
  for (let i = 0; i < count; i++) await socket.send(payload);
  await toldToGoOn();
}

async function push(): Promise<void> {
  await using socket = new Push();
  await socket.bind(address);
  for (let i = 0; i < count; i++) await socket.send(payload);
  await toldToGoOn();
}

async function take(socket: ReceivingSocket): Promise<void> {
  await using _ = socket;
  socket.connect(address);
  if (role === "SUB") {
    await socket.receive();
    say("probed");
  }
  let began = 0;
  let received = 0;
  for await (const [frame] of socket) {
    if (frame?.length === PROBE.length) continue;
    if (received === 0) began = performance.now();
    received += 1;
    if (received === count) break;
  }
  say((performance.now() - began) / 1000);
}

async function answer(): Promise<void> {
  await using socket = new Reply();
  await socket.bind(address);
  for (let i = 0; i < WARMING + count; i++) {
    const [frame = ""] = await socket.receive();
    await socket.send(frame);
  }
  await toldToGoOn();
}

async function ask(): Promise<void> {
  await using socket = new Request();
  socket.connect(address);
  await socket.whenConnected();
  const times: number[] = [];
  for (let i = 0; i < WARMING + count; i++) {
    const began = performance.now();
    await socket.request(payload);
    times.push((performance.now() - began) * 1000);
  }
  say(times.slice(WARMING));
}

const ROLES: Record<string, () => Promise<void>> = {
  PUB: publish,
  PUSH: push,
  SUB: () => take(new Subscriber({ ...UNLIMITED, subscribe: [""] })),
  PULL: () => take(new Pull()),
  REP: answer,
  REQ: ask,
};
await ROLES[role]?.();
process.exit(0);
