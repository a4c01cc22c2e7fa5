import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { locateBroker } from "../../src/broker/locate.ts";
import { brokerFolder, findRunningBroker, removeRecord, writeRecord } from "../../src/broker/record.ts";
import type { RunningBroker } from "../../src/broker/server.ts";
import { identifyProcess } from "../../src/common/process-info.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

let folder: TempFolder;
let env: Record<string, string>;
beforeEach(() => {
  folder = tempFolder("tcs-record-");
  env = { TCS_STATE_DIR: folder.path };
  mkdirSync(brokerFolder(env));
});
afterEach(() => folder[Symbol.dispose]());

/** A broker whose process is this test's own. */
function livingBroker(): RunningBroker {
  const self = identifyProcess(process.pid);
  if (!self) throw new Error("this process is not in /proc");
  return {
    url: "nats://127.0.0.1:4299",
    port: 4299,
    process: self,
    serverId: "N1",
    exited: new Promise(() => undefined),
    stop: async () => undefined,
  };
}

test("settings that are given win", () => {
  writeRecord(brokerFolder(env), livingBroker());
  const settings = { servers: ["nats://dome:4222"], required: true, subjectPrefix: "ocm.svc", origin: "services.yaml" };
  expect(locateBroker({ settings, env })).toBe(settings);
});

test("without settings it is this user's running broker", () => {
  writeRecord(brokerFolder(env), livingBroker());
  expect(locateBroker({ env, subjectPrefix: "ocm.svc" })).toEqual({
    servers: ["nats://127.0.0.1:4299"],
    required: false,
    subjectPrefix: "ocm.svc",
    origin: "this host's broker",
  });
});

test("without a running broker it is the default address", () => {
  expect(locateBroker({ env })).toMatchObject({ servers: ["nats://127.0.0.1:4222"], origin: "default" });
});

test("the record of a process whose pid has another owner now is not believed", () => {
  const broker = livingBroker();
  broker.process = { ...broker.process, startTime: broker.process.startTime - 1 };
  writeRecord(brokerFolder(env), broker);
  expect(findRunningBroker(brokerFolder(env))).toBeUndefined();
});

test.each(["", "{", "[]", "null", '{"url":"nats://127.0.0.1:4222"}'])("a damaged record (%j) is no broker", (text) => {
  writeFileSync(join(brokerFolder(env), "broker.json"), text);
  expect(findRunningBroker(brokerFolder(env))).toBeUndefined();
});

test("a record is removed by its own broker only", () => {
  writeRecord(brokerFolder(env), livingBroker());
  removeRecord(brokerFolder(env), { serverId: "N2" });
  expect(findRunningBroker(brokerFolder(env))?.serverId).toBe("N1");
  removeRecord(brokerFolder(env), { serverId: "N1" });
  expect(() => readFileSync(join(brokerFolder(env), "broker.json"))).toThrow("ENOENT");
});
