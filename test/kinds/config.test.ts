// The configuration of the service classes: what cannot work is told before anything runs, with its place.
import { expect, test } from "bun:test";
import { WorkerService, WorkerServiceConfig } from "../../src/kinds/index.ts";
import { startForTest } from "../../src/service/testing.ts";
import { runTcs } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";
import { type Controller, Doer, Giver, Listener, Speaker, Worker } from "./support.ts";

type Kind = typeof Speaker | typeof Listener | typeof Giver | typeof Doer | typeof Controller | typeof Worker;

const SUBJECT = "expected a subject of NATS, as tasks.dome";
const ADDRESS = "expected an address of ZeroMQ, as tcp://127.0.0.1:5555";
const zmq = { transport: "zmq" };

test.each<[string, Kind, Record<string, unknown>, string]>([
  ["a publisher without an address", Speaker, zmq, `pub_address: given nothing, ${ADDRESS}`],
  ["topics without an address", Listener, { ...zmq, topics: ["a"] }, `sub_address: given nothing, ${ADDRESS}`],
  ["a pusher without a queue", Giver, {}, `push_address: given nothing, ${SUBJECT}`],
  ["a puller without a queue", Doer, {}, `pull_address: given nothing, ${SUBJECT}`],
  ["a subject over ZeroMQ", Doer, { ...zmq, pull_address: "tasks" }, `pull_address: given "tasks", ${ADDRESS}`],
  ["an address over NATS", Doer, { pull_address: "tcp://127.0.0.1:1" }, `given "tcp://127.0.0.1:1", ${SUBJECT}`],
  ["a wildcard for a queue", Doer, { pull_address: "tasks.*" }, `pull_address: given "tasks.*", ${SUBJECT}`],
  ["one of several", Listener, { sub_address: ["a", "b c"] }, `sub_address[1]: given "b c", ${SUBJECT}`],
  ["two queues", Giver, { push_address: ["a", "b"] }, "given a list of 2, expected one subject, not 2"],
  ["no port", Giver, { ...zmq, push_address: "tcp://127.0.0.1" }, ADDRESS],
  ["a port that is none", Giver, { ...zmq, push_address: "tcp://127.0.0.1:99999" }, ADDRESS],
  ["any port, to connect to", Doer, { ...zmq, pull_address: "tcp://127.0.0.1:*" }, ADDRESS],
  ["another transport of ZeroMQ", Doer, { ...zmq, pull_address: "ipc:///tmp/x" }, ADDRESS],
  [
    "results into the queue of the tasks",
    Worker,
    { pull_address: "a", push_address: "a" },
    'push_address: given "a", expected another subject than pull_address',
  ],
  [
    "the dead into the queue",
    Doer,
    { pull_address: "a", dead_letter: "a" },
    'dead_letter: given "a", expected another subject than pull_address',
  ],
  [
    "a dead letter nowhere",
    Doer,
    { pull_address: "a", dead_letter: "a b" },
    'dead_letter: given "a b", expected a subject',
  ],
  [
    "a topic that is none",
    Listener,
    { topics: ["a..b"] },
    'topics[0]: given "a..b", expected a topic, as weather.wind',
  ],
  ["half a wildcard", Listener, { topics: ["a", "st*"] }, 'topics[1]: given "st*", expected a topic'],
  ["a heartbeat nowhere", Speaker, { heartbeat_topic: "a b" }, 'heartbeat_topic: given "a b", expected a topic'],
])("%s is refused", async (_, serviceClass, fields, why) => {
  await expect(startForTest<Kind>(serviceClass, fields)).rejects.toThrow(why);
});

test("a configuration of one's own may give addresses defaults, and is checked as well", async () => {
  class Own extends WorkerService {
    static override readonly configSchema = WorkerServiceConfig.extend({
      pull_address: WorkerServiceConfig.shape.pull_address.default("tasks"),
    });
    override handleTask() {
      return undefined;
    }
  }
  await expect(startForTest(Own, { push_address: "tasks" })).rejects.toThrow(
    "expected another subject than pull_address",
  );
});

test("tcs run --check tells file, line and key, and ends with 5", async () => {
  using folder = tempFolder();
  const new_ = await runTcs(["new", "service", "squarer", "--kind", "worker", "-y"], { cwd: folder.path });
  expect(new_.code).toBe(0);
  await folder.write(
    "services.yaml",
    `services:
  - type: squarer
    module: ./squarer.ts
    transport: zmq
    pull_address: tcp://127.0.0.1:5556
    push_address: results
`,
  );
  const { code, stderr } = await runTcs(["run", "--check"], { cwd: folder.path });
  expect(stderr).toBe(`services.yaml:6:19: squarer.main.push_address: given "results", ${ADDRESS}\n`);
  expect(code).toBe(5);
});
